using System.Buffers;
using PhishMe.Engine.Destinations.Files;
using PhishMe.Engine.Files;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>
/// Writes a file that readers fetch at any time: they see the old one or the new one. What comes is compared with what is there; as long as it is the same,
/// nothing is written, and a file that is the same to its end is not touched.
/// </summary>
internal sealed class FeedFileWriter : IDisposable
{
    private const int ChunkLength = 256 * 1024;

    /// <summary>The disk begins with what was written while the rest is made (<see cref="EarlyWriteback"/>), in pieces of this many bytes.</summary>
    private const int EarlyLength = 8 * 1024 * 1024;

    private readonly string _temporary;
    private readonly PatientFiles _files;
    private readonly ArrayBufferWriter<byte> _chunk = new(ChunkLength + (16 * 1024));
    private FileStream? _old;
    private FileStream? _new;
    private byte[] _compared = [];
    private long _onItsWay;
    private bool _isComplete;

    /// <param name="path">The file; the last part of its folder is made when it is missing.</param>
    /// <param name="files">Renames it.</param>
    /// <exception cref="PhishMeException">The folder or the old file cannot be read.</exception>
    public FeedFileWriter(string path, PatientFiles files)
    {
        Path = path;
        _files = files;
        var folder = System.IO.Path.GetDirectoryName(path)!;
        _temporary = System.IO.Path.Combine(folder, $".{System.IO.Path.GetFileName(path)}.{Guid.NewGuid():N}.phishme-partial");
        Do(() =>
        {
            Directory.CreateDirectory(folder);
            RemoveLeftovers(folder);
            _old = File.Exists(path)
                ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan)
                : null;
        });
    }

    public string Path { get; }

    /// <summary>Bytes so far.</summary>
    public long Length { get; private set; }

    /// <summary>Lines so far.</summary>
    public long Lines { get; private set; }

    /// <summary>Whether the file is new or changed; known when it is complete.</summary>
    public bool IsChanged => _new is not null;

    /// <summary>Lines of the file that is replaced; null when there was none. Known when it is complete.</summary>
    public long? LinesBefore { get; private set; }

    /// <exception cref="PhishMeException">The disk is full.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        _chunk.Write(bytes);
        if (_chunk.WrittenCount >= ChunkLength)
        {
            Flush();
        }
    }

    /// <summary>Everything was written, and is on the disk.</summary>
    /// <exception cref="PhishMeException">It cannot be written.</exception>
    public void Complete()
    {
        Flush();
        Do(() =>
        {
            if (_new is null && (_old is null || _old.Length != Length))
            {
                Diverge();
            }

            if (_new is not null && _old is not null)
            {
                LinesBefore = LinesOf(_old);
            }

            _new?.Flush(flushToDisk: true);
            _new?.Dispose();
            _old?.Dispose();
            _isComplete = true;
        });
    }

    /// <summary>Whether the new file takes reports away (<see cref="ReportLoss"/>).</summary>
    /// <exception cref="PhishMeException">One of the files cannot be read.</exception>
    public bool LosesReports()
    {
        var loses = false;
        Do(() => loses = ReportLoss.IsBetween(Path, _temporary));
        return loses;
    }

    /// <summary>Moves a copy of a changed file into a folder whose reader takes what it finds: it never finds half a file.</summary>
    /// <exception cref="PhishMeException">It cannot be copied.</exception>
    public void CopyTo(string folder)
    {
        if (_new is null)
        {
            return;
        }

        var target = System.IO.Path.Combine(folder, System.IO.Path.GetFileName(Path));
        var temporary = System.IO.Path.Combine(folder, $".{System.IO.Path.GetFileName(Path)}.{Guid.NewGuid():N}.phishme-partial");
        Do(() =>
        {
            Directory.CreateDirectory(folder);
            try
            {
                File.Copy(_temporary, temporary);
                _files.Rename(temporary, target);
            }
            catch
            {
                _files.TryDelete(temporary);
                throw;
            }
        });
    }

    /// <summary>Puts it in the place of the old one, if it is another.</summary>
    /// <exception cref="PhishMeException">It cannot be renamed; the old one is there.</exception>
    public void Publish()
    {
        if (!_isComplete)
        {
            throw new InvalidOperationException("The file is not complete.");
        }

        if (_new is not null)
        {
            Do(() => _files.Rename(_temporary, Path));
        }
    }

    public void Dispose()
    {
        _old?.Dispose();
        if (_new is not null)
        {
            _new.Dispose();
            _files.TryDelete(_temporary);
        }
    }

    private static long LinesOf(FileStream file)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkLength);
        file.Position = 0;
        var lines = 0L;
        for (var read = file.Read(buffer); read > 0; read = file.Read(buffer))
        {
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return lines;
    }

    private void Flush() => Do(() =>
    {
        var bytes = _chunk.WrittenSpan;
        if (bytes.IsEmpty)
        {
            return;
        }

        if (_new is null && !IsAsBefore(bytes))
        {
            Diverge();
        }

        _new?.Write(bytes);
        Lines += bytes.Count((byte)'\n');
        Length += bytes.Length;
        if (_new is not null && Length - _onItsWay >= EarlyLength)
        {
            EarlyWriteback.Start(_new.SafeFileHandle);
            _onItsWay = Length;
        }

        _chunk.ResetWrittenCount();
    });

    private bool IsAsBefore(ReadOnlySpan<byte> bytes)
    {
        if (_old is null || _old.Length - _old.Position < bytes.Length)
        {
            return false;
        }

        if (_compared.Length < bytes.Length)
        {
            _compared = new byte[bytes.Length];
        }

        var compared = _compared.AsSpan(0, bytes.Length);
        return _old.ReadAtLeast(compared, compared.Length, throwOnEndOfStream: false) == compared.Length && bytes.SequenceEqual(compared);
    }

    /// <summary>Begins the new file with what was the same in the old one.</summary>
    private void Diverge()
    {
        _new = new FileStream(_temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        if (Length == 0)
        {
            return;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(ChunkLength);
        _old!.Position = 0;
        for (var left = Length; left > 0;)
        {
            var read = _old.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (read == 0)
            {
                throw new EndOfStreamException("The file was cut by another program while it was read.");
            }

            _new.Write(buffer, 0, read);
            left -= read;
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>What a run that was killed left behind.</summary>
    private void RemoveLeftovers(string folder)
    {
        foreach (var leftover in Directory.EnumerateFiles(folder, $".{System.IO.Path.GetFileName(Path)}.*.phishme-partial"))
        {
            _files.TryDelete(leftover);
        }
    }

    private void Do(Action work)
    {
        try
        {
            work();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PhishMeException(Faults.OutputFailed, $"The feed cannot be written: {exception.Message}", Path, exception);
        }
    }
}
