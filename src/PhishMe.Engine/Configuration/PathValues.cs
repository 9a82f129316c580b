namespace PhishMe.Engine.Configuration;

/// <summary>The values of a section that are paths: made absolute, and checked as far as a look at the disk can tell without changing anything.</summary>
internal static class PathValues
{
    /// <summary>Full path of a file that will be written, checked; the given default when the value is missing or empty; null without
    /// either.</summary>
    public static string? OutputFile(this SectionValues values, string key, string? fallback = null)
    {
        if (FullPath(values, key) is not { } given)
        {
            return fallback is null ? null : values.DefaultFile(key, fallback);
        }

        if (Path.EndsInDirectorySeparator(given.AsSpan()))
        {
            values.Report(FindingRules.PathInvalid, key, $"{given} ends with a separator, so it is a folder. Name a file in it.");
            return given;
        }

        CheckOutputFile(values, key, given, "name another place");
        return given;
    }

    /// <summary>As <see cref="OutputFile"/>, for a file that is appended to and cut back to a recorded length: nothing but a regular file will do.</summary>
    public static string? AppendFile(this SectionValues values, string key)
    {
        var given = values.OutputFile(key);
        if (given is not null && PathAccess.IsSpecial(given))
        {
            values.Report(FindingRules.PathInvalid, key, $"{given} is a pipe, socket or device. A run has to know the length of the file and cut it back. Name a regular file; for a live stream use syslog_use.");
        }

        return given;
    }

    /// <summary>The default of a file that will be written, checked, whatever the value says.</summary>
    public static string DefaultFile(this SectionValues values, string key, string path)
    {
        CheckOutputFile(values, key, path, $"name another place in {key}");
        return path;
    }

    /// <summary>Full path of a folder that will be written to, checked.</summary>
    public static string? OutputFolder(this SectionValues values, string key)
    {
        if (FullPath(values, key) is not { } given)
        {
            if (values.Schema(key).Default.Length == 0 || values.LineOf(key) is not null)
            {
                return null;
            }

            given = Path.GetFullPath(values.Schema(key).Default, values.Folder);
        }

        given = Path.TrimEndingDirectorySeparator(given);
        if (Directory.Exists(given))
        {
            if (!PathAccess.CanCreateIn(given))
            {
                values.Report(FindingRules.PathNotWritable, key, $"The folder {given} is read-only for this account. Give the account permission " +
                    $"to write there, or name another folder.");
            }
        }
        else if (File.Exists(given))
        {
            values.Report(FindingRules.PathInvalid, key, $"{given} is a file. Name a folder.");
        }
        else
        {
            CheckParent(values, key, given, "name another folder");
        }

        return given;
    }

    /// <summary>Full path of a file that will be read; null when the value is missing or empty.</summary>
    public static string? InputFile(this SectionValues values, string key)
    {
        if (FullPath(values, key) is not { } given)
        {
            return null;
        }

        try
        {
            using var handle = File.OpenHandle(given);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            values.Report(FindingRules.FileOfKeyUnreadable, key, Path.Exists(given)
                ? $"The file {given} cannot be read by this account. Give the account read permission."
                : $"The file {given} does not exist. Correct the path, or remove the value.");
        }

        return given;
    }

    private static string? FullPath(SectionValues values, string key)
    {
        var schema = values.Schema(key);
        if (values.OneLine(schema) is not { } value)
        {
            return null;
        }

        values.WarnOfDecoration(schema, value);
        if (!values.Context.IsWindows && PathAccess.IsOfWindows(value))
        {
            values.Report(FindingRules.PathInvalid, key, $"{SectionValues.Shown(schema, value)} is a path of Windows; here it would name a file beside this configuration. Write a path of this machine.");
            return null;
        }

        if (values.Context.IsWindows && WindowsPath.ProblemOf(value) is { } problem)
        {
            values.Report(FindingRules.PathInvalid, key, $"{SectionValues.Shown(schema, value)} {problem}. Name another path.");
            return null;
        }

        try
        {
            return Path.GetFullPath(value, values.Folder);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException or IOException)
        {
            values.Report(FindingRules.PathInvalid, key, $"{SectionValues.Shown(schema, value)} is not a valid path. Write the full path.");
            return null;
        }
    }

    private static void CheckOutputFile(SectionValues values, string key, string path, string alternative)
    {
        if (Directory.Exists(path))
        {
            values.Report(FindingRules.PathInvalid, key, $"{path} is a folder. Name a file.");
        }
        else if (!File.Exists(path))
        {
            CheckParent(values, key, path, alternative);
        }
        else if (!PathAccess.CanWrite(path))
        {
            values.Report(FindingRules.PathNotWritable, key, $"The file {path} is read-only for this account. Give the account write permission, or " +
                $"{alternative}.");
        }
    }

    private static void CheckParent(SectionValues values, string key, string path, string alternative)
    {
        var parent = Path.GetDirectoryName(path) ?? path;
        if (!Directory.Exists(parent))
        {
            var hint = path.AsSpan().ContainsAny('~', '$') ? " ('~' and '$' are taken literally.)" : string.Empty;
            values.Report(FindingRules.FolderMissing, key, $"The folder {parent} does not exist. Create it, or {alternative}.{hint}");
        }
        else if (!PathAccess.CanCreateIn(parent))
        {
            values.Report(FindingRules.PathNotWritable, key,
                $"The folder {parent} is read-only for this account, and {path} has to be created in it. Give the account permission to " +
                $"write there, or {alternative}.");
        }
    }
}
