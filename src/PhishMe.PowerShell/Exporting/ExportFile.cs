using System.Buffers;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Exporting;

/// <summary>
/// The file that an export writes: beside its place and renamed at the end, so that no reader sees half of it; or at the end of the file that is there.
/// </summary>
internal sealed class ExportFile : IDisposable
{
    private const int FlushSize = 128 * 1024;

    private readonly ArrayBufferWriter<byte> _pending = new();
    private readonly string _path;
    private readonly string? _temporary;
    private FileStream? _stream;

    private ExportFile(string path, string? temporary, FileStream stream)
    {
        _path = path;
        _temporary = temporary;
        _stream = stream;
    }

    /// <summary>Takes the bytes.</summary>
    public IBufferWriter<byte> Output => _pending;

    /// <summary>Whether something stands before what is written.</summary>
    public bool IsContinued { get; private init; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">Full path.</param>
    /// <param name="append">Whether what is there stays.</param>
    /// <param name="noClobber">Whether a file that is there is an error; with <paramref name="append"/> it is not replaced anyway.</param>
    /// <param name="force">Whether a read-only file is written nevertheless.</param>
    /// <returns>The file.</returns>
    /// <exception cref="PhishMeException">It is there and must not be, or cannot be written.</exception>
    public static ExportFile Open(string path, bool append, bool noClobber, bool force) => Guard(path, () =>
    {
        path = new FileInfo(path).LinkTarget is null ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;
        if (Directory.Exists(path))
        {
            throw new PhishMeException(Faults.PathInvalid, "The path is a folder, not a file.", path);
        }

        var exists = File.Exists(path);
        if (exists && noClobber && !append)
        {
            throw new PhishMeException(Faults.FileExists, "The file already exists.", path);
        }

        if (exists && (File.GetAttributes(path) & FileAttributes.ReadOnly) != 0)
        {
            if (!force)
            {
                throw new PhishMeException(Faults.FileUnwritable, "The file is read-only.", path);
            }

            File.SetAttributes(path, File.GetAttributes(path) & ~FileAttributes.ReadOnly);
        }

        return append || IsDevice(path) ? OpenAtEnd(path, append) : OpenBeside(path, exists);
    });

    /// <summary>A threat is whole: what has gathered may go to the disk.</summary>
    /// <exception cref="PhishMeException">It cannot be written.</exception>
    public void EndUnit()
    {
        if (_pending.WrittenCount >= FlushSize)
        {
            Guard(_path, Write);
        }
    }

    /// <summary>Writes the rest and puts the file in its place.</summary>
    /// <exception cref="PhishMeException">It cannot be written.</exception>
    public void Commit() => Guard(_path, () =>
    {
        var rest = Write();
        if (!IsDevice(_path))
        {
            _stream!.Flush(flushToDisk: true);
        }

        _stream!.Dispose();
        _stream = null;
        if (_temporary is not null)
        {
            File.Move(_temporary, _path, overwrite: true);
        }

        return rest;
    });

    /// <summary>Gives up what was not committed.</summary>
    public void Dispose()
    {
        if (_stream is null)
        {
            return;
        }

        _stream.Dispose();
        _stream = null;
        if (_temporary is not null)
        {
            try
            {
                File.Delete(_temporary);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // The error that stopped the export says more than a file that is left over.
            }
        }
    }

    private static ExportFile OpenAtEnd(string path, bool append)
    {
        var stream = new FileStream(path, append ? FileMode.OpenOrCreate : FileMode.Open, append ? FileAccess.ReadWrite : FileAccess.Write, FileShare.Read, bufferSize: 0);
        var continued = append && stream.CanSeek && stream.Length > 0;
        var file = new ExportFile(path, null, stream) { IsContinued = continued };
        if (continued)
        {
            stream.Seek(-1, SeekOrigin.End);
            if (stream.ReadByte() != '\n')
            {
                // Someone else's last line would swallow our first one.
                file._pending.Write("\n"u8);
            }
        }

        return file;
    }

    private static ExportFile OpenBeside(string path, bool exists)
    {
        var temporary = Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.partial");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (exists && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = File.GetUnixFileMode(path);
        }

        return new ExportFile(path, temporary, new FileStream(temporary, options));
    }

    // /dev/null or /dev/stdout must not be replaced by a file.
    private static bool IsDevice(string path) => !OperatingSystem.IsWindows() && path.StartsWith("/dev/", StringComparison.Ordinal);

    private int Write()
    {
        var count = _pending.WrittenCount;
        _stream!.Write(_pending.WrittenSpan);
        _pending.ResetWrittenCount();
        return count;
    }

    private static T Guard<T>(string path, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (DirectoryNotFoundException exception)
        {
            throw new PhishMeException(Faults.PathInvalid, "The folder of the file does not exist.", path, exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new PhishMeException(Faults.FileUnwritable, $"The file cannot be written: {exception.Message}", path, exception);
        }
    }
}
