namespace PhishMe.Engine.Configuration;

/// <summary>What Windows does not take as a path, or takes and means something else by (learn.microsoft.com/windows/win32/fileio/naming-a-file).</summary>
internal static class WindowsPath
{
    private const string Forbidden = "<>\"|?*";

    private static readonly HashSet<string> Devices = new(StringComparer.OrdinalIgnoreCase)
    {
        "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$",
        "COM0", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9", "COM\u00B9", "COM\u00B2", "COM\u00B3",
        "LPT0", "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9", "LPT\u00B9", "LPT\u00B2", "LPT\u00B3",
    };

    /// <summary>Says what is wrong with a path.</summary>
    /// <param name="path">The path as it was written.</param>
    /// <returns>A clause for a message; null when nothing is wrong.</returns>
    public static string? ProblemOf(string path)
    {
        var rest = path.StartsWith(@"\\?\", StringComparison.Ordinal) || path.StartsWith(@"\\.\", StringComparison.Ordinal) ? path[4..] : path;
        if (rest.Length >= 2 && char.IsAsciiLetter(rest[0]) && rest[1] == ':')
        {
            if (rest.Length > 2 && rest[2] is not ('\\' or '/'))
            {
                return $"begins with '{rest[..2]}' and no '\\' behind it, which means the current folder of that drive";
            }

            rest = rest[2..];
        }

        if (rest.Contains(':', StringComparison.Ordinal))
        {
            return "has a ':' that does not stand behind the letter of a drive: Windows would write a hidden stream of another file";
        }

        if (rest.FirstOrDefault(character => char.IsControl(character) || Forbidden.Contains(character, StringComparison.Ordinal)) is var wrong and not '\0')
        {
            return char.IsControl(wrong) ? "has a control character" : $"has the character {wrong}, which cannot be part of a name";
        }

        return rest.Split('\\', '/').Select(ProblemOfName).FirstOrDefault(problem => problem is not null);
    }

    /// <summary>Whether a path leads to another computer.</summary>
    /// <param name="fullPath">Full path.</param>
    /// <param name="isNetworkDrive">Says whether a drive such as <c>X:\</c> is one of another computer.</param>
    public static bool IsRemote(string fullPath, Func<string, bool> isNetworkDrive)
    {
        if (fullPath.StartsWith(@"\\?\UNC\", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        if (fullPath.StartsWith(@"\\?\", StringComparison.Ordinal) || fullPath.StartsWith(@"\\.\", StringComparison.Ordinal))
        {
            fullPath = fullPath[4..];
        }

        return fullPath.StartsWith(@"\\", StringComparison.Ordinal) || fullPath.StartsWith("//", StringComparison.Ordinal)
            || (fullPath.Length >= 2 && fullPath[1] == ':' && isNetworkDrive(fullPath[..2] + @"\"));
    }

    /// <summary>Whether a drive is one of another computer, as the system says.</summary>
    public static bool IsNetworkDrive(string root)
    {
        try
        {
            return new DriveInfo(root).DriveType == DriveType.Network;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    private static string? ProblemOfName(string name)
    {
        if (name is "" or "." or "..")
        {
            return null;
        }

        var stem = name.Split('.', 2)[0].TrimEnd(' ');
        return Devices.Contains(stem) ? $"has the name {name}, which Windows keeps for a device"
            : name[^1] is '.' or ' ' ? $"has the name '{name}', which ends in a dot or a blank; Windows would leave that out"
            : null;
    }
}
