using PhishMe.Engine.Configuration.Ini;
using PhishMe.Engine.Files;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Configuration;

/// <summary>Changes the value of one key of a configuration file and nothing else: comments, order, spacing, line endings, byte order mark,
/// mode and owner survive.</summary>
/// <remarks>Atomic: the new file is written beside the old one, flushed to disk and renamed over it; a reader sees the old file or the new
/// one. After a power failure it may be the
/// old one again, which loses nothing, because the state file holds the position too. A symbolic link stays; the file it leads to is
/// replaced. Windows replaces in two steps: between them the old file has the backup name, and <see cref="Restore"/> brings it back.</remarks>
internal static class ConfigurationValueWriter
{
    private const int LargestFile = 4 * 1024 * 1024;
    private const int Attempts = 3;

    /// <summary>Writes a value. A missing key is added to its section, a missing section at the end of the file.</summary>
    /// <param name="path">Path of the file, which exists.</param>
    /// <param name="section">Section, without brackets.</param>
    /// <param name="key">Key.</param>
    /// <param name="value">New value on one line; may be empty.</param>
    /// <param name="step">Told the steps on disk as they come (<c>ini-before-write</c>, <c>ini-before-flush</c>, <c>ini-before-rename</c>,
    /// <c>ini-after-rename</c>); for tests that stop there.</param>
    /// <returns>Whether the file was written; false when it had the value already.</returns>
    /// <exception cref="PhishMeException"><see cref="Faults.ConfigurationUnwritable"/>: the file is as it was before.</exception>
    public static bool Write(string path, string section, string key, string value, Action<string>? step = null) =>
        Write(path, section, key, value, PatientFiles.OfSystem(), step);

    /// <summary>Brings the file back when a run ended between the two steps of replacing it. Does nothing when the file is there.</summary>
    /// <param name="path">Path of the file.</param>
    /// <returns>Whether it was brought back.</returns>
    internal static bool Restore(string path)
    {
        try
        {
            if (File.Exists(path))
            {
                return false;
            }

            var target = new FileInfo(path).LinkTarget is null ? Path.GetFullPath(path) : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;
            if (File.Exists(BackupOf(target)))
            {
                File.Move(BackupOf(target), target, overwrite: false);
                return true;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Whoever needs the file says that it is missing.
        }

        return false;
    }

    /// <summary>Writes a value, with the calls and the clock given.</summary>
    internal static bool Write(string path, string section, string key, string value, PatientFiles files, Action<string>? step = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ThrowIfNotAName(section, nameof(section));
        ThrowIfNotAName(key, nameof(key));
        ArgumentNullException.ThrowIfNull(value);
        if (value.AsSpan().ContainsAny('\r', '\n') || value.Trim() != value)
        {
            throw new ArgumentException("The value must be on one line, without leading or trailing spaces.", nameof(value));
        }

        try
        {
            var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
            for (var attempt = 1; attempt <= Attempts; attempt++)
            {
                if (TryWrite(target, section, key, value, files, step) is { } isWritten)
                {
                    return isWritten;
                }
            }

            throw new IOException("Another program is changing the file.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new PhishMeException(
                Faults.ConfigurationUnwritable, $"{key} could not be written to the configuration file: {e.Message}", path, e);
        }
    }

    /// <summary>One attempt; null when someone else changed the file meanwhile.</summary>
    private static bool? TryWrite(string target, string section, string key, string value, PatientFiles files, Action<string>? step)
    {
        // What a killed run left behind. It may hold credentials, so it goes even when there is nothing to write.
        var temporary = TemporaryOf(target);
        if (!files.TryDelete(temporary) && File.Exists(temporary))
        {
            temporary = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{Guid.NewGuid():N}.phishme-partial");
        }

        var before = new FileInfo(target);
        var (stamp, length) = (before.LastWriteTimeUtc, before.Length);
        var original = files.Do(target, () => BoundedFile.TryRead(target, LargestFile)) ?? throw new IOException("The file is too large to be a configuration.");
        files.TryDelete(BackupOf(target));
        var text = IniText.Decode(original);
        if (text.IsWide)
        {
            throw new IOException("The file is not UTF-8.");
        }

        var document = IniDocument.Parse(text.Text);
        if (document.FindSection(section)?.Find(key)?.Value == value)
        {
            return false;
        }

        var changed = IniEdit.TrySetValue(document, section, key, value)
            ?? throw new IOException("The file has lines that cannot be parsed, and the value cannot be changed without changing them.");
        if (!PathAccess.CanWrite(target))
        {
            throw new UnauthorizedAccessException("The file is read-only for this account.");
        }

        try
        {
            WriteTemporary(temporary, target, text.Encode(changed), step);
            before.Refresh();
            if (before.LastWriteTimeUtc != stamp || before.Length != length)
            {
                return null;
            }

            step?.Invoke("ini-before-rename");
            Replace(temporary, target, files);
        }
        finally
        {
            // While the file is missing, every copy counts.
            if (File.Exists(target))
            {
                files.TryDelete(temporary);
            }
        }

        step?.Invoke("ini-after-rename");
        return true;
    }

    private static void WriteTemporary(string temporary, string target, byte[] content, Action<string>? step)
    {
        // Owner-only until owner and mode are those of the original: the file holds credentials.
        using var file = OwnerOnlyFile.Open(temporary, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.None,
            BufferSize = 0,
        });
        step?.Invoke("ini-before-write");
        file.Write(content);
        step?.Invoke("ini-before-flush");
        if (!OperatingSystem.IsWindows())
        {
            FileOwner.Copy(target, temporary);
            File.SetUnixFileMode(file.SafeFileHandle, File.GetUnixFileMode(target));
        }

        file.Flush(flushToDisk: true);
    }

    private static void Replace(string temporary, string target, PatientFiles files)
    {
        var backup = BackupOf(target);
        try
        {
            files.Do(target, () =>
            {
                files.Calls.Replace(temporary, target, backup);
                return true;
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // ReplaceFile moves the old file away first (error 1177): then it comes back.
            Restore(target);
            throw;
        }

        files.TryDelete(backup);
    }

    private static string TemporaryOf(string target) => Beside(target, "phishme-partial");

    private static string BackupOf(string target) => Beside(target, "phishme-backup");

    private static string Beside(string target, string ending) =>
        Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{ending}");

    private static void ThrowIfNotAName(string name, string parameter)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name, parameter);
        if (!name.All(character => char.IsAsciiLetterOrDigit(character) || character == '_'))
        {
            throw new ArgumentException("The name must consist of letters, digits and underscores.", parameter);
        }
    }
}
