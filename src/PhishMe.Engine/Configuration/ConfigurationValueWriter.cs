using PhishMe.Engine.Configuration.Ini;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Configuration;

/// <summary>Changes the value of one key of a configuration file and nothing else: comments, order, spacing, line endings, byte order mark,
/// mode and owner survive.</summary>
/// <remarks>Atomic: the new file is written beside the old one, flushed to disk and renamed over it; a reader sees the old file or the new
/// one. After a power failure it may be the
/// old one again, which loses nothing, because the state file holds the position too. A symbolic link stays; the file it leads to is
/// replaced.</remarks>
public static class ConfigurationValueWriter
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
    public static bool Write(string path, string section, string key, string value, Action<string>? step = null)
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
                if (TryWrite(target, section, key, value, step) is { } isWritten)
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
    private static bool? TryWrite(string target, string section, string key, string value, Action<string>? step)
    {
        // What a killed run left behind. It may hold credentials, so it goes even when there is nothing to write.
        var temporary = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.phishme-partial");
        File.Delete(temporary);

        var before = new FileInfo(target);
        var (stamp, length) = (before.LastWriteTimeUtc, before.Length);
        var original = BoundedFile.TryRead(target, LargestFile) ?? throw new IOException("The file is too large to be a configuration.");
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
            Replace(temporary, target);
        }
        finally
        {
            TryDelete(temporary);
        }

        step?.Invoke("ini-after-rename");
        return true;
    }

    private static void WriteTemporary(string temporary, string target, byte[] content, Action<string>? step)
    {
        // Owner-only until owner and mode are those of the original: the file holds credentials.
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.None,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(temporary, options);
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

    private static void Replace(string temporary, string target)
    {
        if (OperatingSystem.IsWindows())
        {
            File.Replace(temporary, target, destinationBackupFileName: null); // keeps access list and attributes
        }
        else
        {
            File.Move(temporary, target, overwrite: true);
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next write removes it; what brought us here is the better message.
        }
    }

    private static void ThrowIfNotAName(string name, string parameter)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name, parameter);
        if (!name.All(character => char.IsAsciiLetterOrDigit(character) || character == '_'))
        {
            throw new ArgumentException("The name must consist of letters, digits and underscores.", parameter);
        }
    }
}
