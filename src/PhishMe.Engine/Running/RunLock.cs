using System.Globalization;
using System.Text;
using PhishMe.Engine.Files;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Running;

/// <summary>
/// One run at a time, on the operating system's word: whoever has the file open holds the lock, and a dead process holds nothing.
/// The file goes with the lock. It is deleted while it is still held, and whoever opens it looks whether the file it holds is still the one of that name:
/// otherwise two runs could hold two files of the same name.
/// </summary>
internal sealed class RunLock : IDisposable
{
    private const int LongestOwner = 512;

    /// <summary>Files deleted under our hands in a row before something else must be wrong.</summary>
    private const int MostTries = 100;

    private readonly FileStream _file;
    private readonly string _path;

    private RunLock(FileStream file, string path, string? leftBy)
    {
        _file = file;
        _path = path;
        LeftBy = leftBy;
    }

    /// <summary>What a dead owner had written into the file; null when the last one ended in order.</summary>
    public string? LeftBy { get; }

    /// <summary>Takes the lock, or says that another run has it.</summary>
    /// <param name="path">The lock file; made when it is missing, readable and writable for its owner only.</param>
    /// <param name="runId">Written into the file, so that a dead owner can be named.</param>
    /// <param name="now">Likewise.</param>
    /// <param name="opened">Called each time the file was opened and before it is compared with its name; null outside of tests.</param>
    /// <returns>The lock; null when a live process holds it.</returns>
    /// <exception cref="PhishMeException">The file cannot be opened at all.</exception>
    public static RunLock? TryTake(string path, string runId, DateTimeOffset now, Action? opened = null)
    {
        var owner = Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"run {runId}, process {Environment.ProcessId} on {Environment.MachineName}, since {now:O}\n"));
        for (var tries = 0; tries < MostTries; tries++)
        {
            if (Open(path) is not FileStream file)
            {
                return null;
            }

            opened?.Invoke();
            var left = Sign(file, owner);
            var named = Target(path);
            if (IsNamed(named, file))
            {
                return new RunLock(file, named, left.Length == 0 ? null : left);
            }

            // The run before deleted this file between our opening it and our holding it.
            file.Dispose();
        }

        throw Unavailable(path, new IOException("The file is deleted again and again."));
    }

    /// <summary>Releases the lock and deletes its file: this run ended in order.</summary>
    public void Dispose()
    {
        if (!OperatingSystem.IsWindows())
        {
            Delete();
        }

        _file.Dispose();
    }

    private static FileStream? Open(string path)
    {
        try
        {
            return OpenAlone(path);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or DirectoryNotFoundException or PathTooLongException)
        {
            throw Unavailable(path, exception);
        }
        catch (IOException exception) when (IsHeldByAnother(exception) || File.Exists(path))
        {
            return OperatingSystem.IsWindows() && IsOpenInReader(path) ? OpenAfterReader(path) : null;
        }
        catch (IOException exception)
        {
            throw Unavailable(path, exception);
        }
    }

    private static FileStream OpenAlone(string path) => OwnerOnlyFile.Open(path, new FileStreamOptions
    {
        Mode = FileMode.OpenOrCreate,
        Access = FileAccess.ReadWrite,
        Share = FileShare.None,
        BufferSize = 0,
        // Windows deletes an open file when its last handle closes, and lets no one open it before that.
        Options = OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None,
    });

    /// <summary>A run shares nothing. Who can be joined is something else, such as an editor or a virus scanner.</summary>
    private static bool IsOpenInReader(string path)
    {
        try
        {
            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static FileStream OpenAfterReader(string path)
    {
        try
        {
            return PatientFiles.OfSystem().Do(path, () => OpenAlone(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PhishMeException(
                Faults.RunLocked, $"No run is under way, but another program has the lock file open. Close it there. {exception.Message}", path, exception);
        }
    }

    /// <summary>A sharing violation of Windows, or EWOULDBLOCK of Linux or macOS. The holder may have deleted the file since.</summary>
    private static bool IsHeldByAnother(IOException exception) => exception.HResult is unchecked((int)0x80070020) or 11 or 35;

    /// <summary>Writes who holds it, marks the file, and says what stood there.</summary>
    private static string Sign(FileStream file, byte[] owner)
    {
        var left = string.Empty;
        try
        {
            left = Encoding.UTF8.GetString(Read(file)).Trim();
            file.Position = 0;
            file.SetLength(0);
            file.Write(owner);
        }
        catch (IOException)
        {
            // A full disk: the lock is held all the same, only the name of its owner is missing.
        }

        Mark(file);
        return left;
    }

    /// <summary>
    /// Gives the file a time that no other file of this name has: now, and a fraction of a second by chance. The time can be read by name, the content
    /// cannot while the file is held.
    /// </summary>
    private static void Mark(FileStream file)
    {
        var now = DateTime.UtcNow;
        try
        {
            File.SetLastWriteTimeUtc(file.SafeFileHandle, now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond)).AddTicks(Random.Shared.NextInt64(TimeSpan.TicksPerSecond)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Only its owner may set it: the time of our writing has to do.
        }
    }

    /// <summary>Whether the file that is held is the one of that name.</summary>
    private static bool IsNamed(string path, FileStream held) =>
        OperatingSystem.IsWindows() || (File.Exists(path) && File.GetLastWriteTimeUtc(path) == File.GetLastWriteTimeUtc(held.SafeFileHandle));

    /// <summary>The file itself: a link has a time of its own.</summary>
    private static string Target(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget is null ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unavailable(path, exception);
        }
    }

    private static byte[] Read(FileStream file)
    {
        var text = new byte[LongestOwner];
        return text[..file.ReadAtLeast(text, text.Length, throwOnEndOfStream: false)];
    }

    private void Delete()
    {
        try
        {
            // Someone may have deleted ours by hand, and another run may hold a new file of that name.
            if (IsNamed(_path, _file))
            {
                File.Delete(_path);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Clear();
        }
    }

    /// <summary>In a folder where nothing may be deleted the file stays; empty, it says that this run ended in order.</summary>
    private void Clear()
    {
        try
        {
            _file.SetLength(0);
        }
        catch (IOException)
        {
            // The next run will say that it took over a lock; nothing worse.
        }
    }

    private static PhishMeException Unavailable(string path, Exception exception) =>
        new(Faults.LockUnavailable, $"The lock file cannot be opened: {exception.Message}", path, exception);
}
