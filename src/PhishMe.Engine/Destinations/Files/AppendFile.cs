using Microsoft.Win32.SafeHandles;
using PhishMe.Intelligence;
using Serilog;

namespace PhishMe.Engine.Destinations.Files;

/// <summary>
/// One growing file. Its length after the newest commit is in the state file: whatever a killed run wrote beyond it is cut off,
/// so that no line is ever lost, torn or there twice.
/// </summary>
internal sealed class AppendFile : IDisposable
{
    private readonly Action<string>? _step;
    private SafeFileHandle? _handle;
    private long _committed;
    private long _length;
    private bool _isUnknown;

    private AppendFile(string path, long length, Action<string>? step)
    {
        Path = path;
        _committed = _length = length;
        _step = step;
    }

    public string Path { get; }

    /// <summary>Length with everything that is appended or being appended.</summary>
    public long Length => _length;

    /// <summary>Whether the state has to record the length before the first byte is added: otherwise, after a kill, new bytes look like old ones.</summary>
    public bool IsUnknown { get; private init; }

    /// <summary>Looks at what is there and repairs what a killed run left behind.</summary>
    /// <param name="path">The file; made when the first bytes come.</param>
    /// <param name="committed">Length after the newest commit; null when the state file does not know the file.</param>
    /// <param name="repair">Whether the last run died.</param>
    /// <param name="isTornLineOurs">Whether the state file was lost: then an unfinished last line of a file it does not know is what a killed run wrote.</param>
    /// <param name="log">Receives repairs.</param>
    /// <param name="step">Test seam.</param>
    /// <exception cref="PhishMeException">The file cannot be repaired.</exception>
    public static AppendFile Open(string path, long? committed, bool repair, bool isTornLineOurs, ILogger log, Action<string>? step)
    {
        var info = new FileInfo(path);
        var actual = info.Exists ? info.Length : 0;
        if (repair && actual > (committed ?? 0) && (committed is not null || isTornLineOurs))
        {
            return Repair(path, committed, actual, log, step);
        }

        if (committed is long known && actual != known)
        {
            log.Information("{Path} has {Actual} bytes instead of {Known}: another program changed or rotated it; the run continues after what is there", path, actual, known);
        }

        return new AppendFile(path, actual, step) { IsUnknown = committed != actual };
    }

    /// <summary>Adds bytes and makes them durable.</summary>
    /// <exception cref="PhishMeException">They could not be written; the file is cut back to its last commit.</exception>
    public async Task AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken cancellationToken)
    {
        if (parts.Count == 0)
        {
            return;
        }

        var offset = _length;
        _length += parts.Sum(part => (long)part.Length);
        try
        {
            _handle ??= File.OpenHandle(Path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            _step?.Invoke("append-before-write");
            await RandomAccess.WriteAsync(_handle, parts, offset, cancellationToken).ConfigureAwait(false);
            _step?.Invoke("append-before-flush");
            RandomAccess.FlushToDisk(_handle);
            _step?.Invoke("append-after-flush");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PhishMeException(Faults.OutputFailed, $"The append file cannot be written: {exception.Message}", Path, exception);
        }
    }

    /// <summary>What was appended is committed.</summary>
    public void Commit() => _committed = _length;

    /// <summary>It is not known whether what was appended is committed: it stays, and the next run cuts it off if it was not.</summary>
    public void LeaveUnknown() => _isUnknown = true;

    /// <summary>Cuts off what was appended since the last commit.</summary>
    /// <returns>Whether the file is as it was.</returns>
    public bool CutBack()
    {
        if (_handle is null || _isUnknown)
        {
            return !_isUnknown;
        }

        try
        {
            RandomAccess.SetLength(_handle, _committed);
            RandomAccess.FlushToDisk(_handle);
            _length = _committed;
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public void Dispose() => _handle?.Dispose();

    private static AppendFile Repair(string path, long? committed, long actual, ILogger log, Action<string>? step)
    {
        try
        {
            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            var keep = committed ?? LengthOfWholeLines(handle, actual);
            if (keep < actual)
            {
                RandomAccess.SetLength(handle, keep);
                RandomAccess.FlushToDisk(handle);
                step?.Invoke("append-repaired");
                log.Warning("{Path} is cut from {Actual} to {Keep} bytes: the last run died while it was writing", path, actual, keep);
            }

            return new AppendFile(path, keep, step) { IsUnknown = committed != keep };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PhishMeException(Faults.OutputFailed, $"The append file cannot be repaired: {exception.Message}", path, exception);
        }
    }

    /// <summary>Without a committed length only a torn last line can be recognised.</summary>
    private static long LengthOfWholeLines(SafeFileHandle handle, long length)
    {
        Span<byte> block = stackalloc byte[4096];
        for (var end = length; end > 0;)
        {
            var size = (int)Math.Min(block.Length, end);
            var read = RandomAccess.Read(handle, block[..size], end - size);
            var newline = block[..read].LastIndexOf((byte)'\n');
            if (newline >= 0)
            {
                return end - size + newline + 1;
            }

            end -= size;
        }

        return 0;
    }
}
