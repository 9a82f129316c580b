using System.Globalization;
using System.Text;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Running;

/// <summary>
/// One run at a time, on the operating system's word: whoever holds the open file holds the lock, and a dead process holds nothing.
/// The file stays, empty between runs: deleting it would let two runs hold two files of the same name.
/// </summary>
internal sealed class RunLock : IDisposable
{
    private readonly FileStream _file;

    private RunLock(FileStream file, string? leftBy)
    {
        _file = file;
        LeftBy = leftBy;
    }

    /// <summary>What a dead owner had written into the file; null when the last one ended in order.</summary>
    public string? LeftBy { get; }

    /// <summary>Takes the lock, or says that another run has it.</summary>
    /// <param name="path">The lock file; made when it is missing, readable and writable for its owner only.</param>
    /// <param name="runId">Written into the file, so that a dead owner can be named.</param>
    /// <param name="now">Likewise.</param>
    /// <returns>The lock; null when a live process holds it.</returns>
    /// <exception cref="PhishMeException">The file cannot be opened at all.</exception>
    public static RunLock? TryTake(string path, string runId, DateTimeOffset now)
    {
        FileStream file;
        try
        {
            var options = new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                BufferSize = 0,
            };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            file = new FileStream(path, options);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or DirectoryNotFoundException or PathTooLongException)
        {
            throw Unavailable(path, exception);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
        catch (IOException exception)
        {
            throw Unavailable(path, exception);
        }

        var left = string.Empty;
        try
        {
            left = ReadOwner(file);
            file.SetLength(0);
            file.Write(Encoding.UTF8.GetBytes(string.Create(
                CultureInfo.InvariantCulture, $"run {runId}, process {Environment.ProcessId} on {Environment.MachineName}, since {now:O}\n")));
        }
        catch (IOException)
        {
            // A full disk: the lock is held all the same, only the name of its owner is missing.
        }

        return new RunLock(file, left.Length == 0 ? null : left);
    }

    /// <summary>Releases the lock and leaves an empty file: this run ended in order.</summary>
    public void Dispose()
    {
        try
        {
            _file.SetLength(0);
        }
        catch (IOException)
        {
            // The next run will say that it took over a lock; nothing worse.
        }

        _file.Dispose();
    }

    private static string ReadOwner(FileStream file)
    {
        const int Enough = 512;
        var text = new byte[Math.Min(Enough, file.Length)];
        var read = file.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return Encoding.UTF8.GetString(text, 0, read).Trim();
    }

    private static PhishMeException Unavailable(string path, Exception exception) =>
        new(Faults.LockUnavailable, $"The lock file cannot be opened: {exception.Message}", path, exception);
}
