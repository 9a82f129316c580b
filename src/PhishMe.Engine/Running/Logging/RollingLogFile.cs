using System.Text;
using PhishMe.Engine.Files;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace PhishMe.Engine.Running.Logging;

/// <summary>
/// The log file of config.ini. Unlike Serilog's own file sink the live file always keeps its name, because people <c>tail -f</c> it;
/// when full it becomes <c>.1</c>, the older ones move up, and the oldest goes. Used under the run's lock: one writer at a time.
/// </summary>
internal sealed class RollingLogFile : ILogEventSink, IDisposable
{
    /// <summary>As the original: 5 MiB.</summary>
    public const long LargestFile = 5 * 1024 * 1024;

    /// <summary>As the original: ten files in all, the live one and <c>.1</c> to <c>.9</c>.</summary>
    public const int Files = 10;

    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly ITextFormatter _formatter;
    private readonly long _largest;
    private readonly IFileCalls _files;
    private long _rollsAt;
    private StreamWriter _writer;

    /// <exception cref="IOException">The file cannot be opened.</exception>
    public RollingLogFile(string path, ITextFormatter formatter, IFileCalls files, long largest = LargestFile)
    {
        _path = path;
        _formatter = formatter;
        _largest = _rollsAt = largest;
        _files = files;
        _writer = Open(path);
    }

    /// <summary>Why lines are missing; null when none is.</summary>
    public string? Problem { get; private set; }

    public void Emit(LogEvent logEvent)
    {
        lock (_gate)
        {
            try
            {
                if (_writer.BaseStream.Position >= _rollsAt)
                {
                    Roll();
                }

                _formatter.Format(logEvent, _writer);
                _writer.Flush();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                // A full disk must not end a run through its log; outputs and state report it themselves.
                Problem ??= exception.Message;
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            try
            {
                _writer.Dispose();
            }
            catch (IOException)
            {
                // As above.
            }
        }
    }

    private static StreamWriter Open(string path)
    {
        var file = OwnerOnlyFile.Open(path, new FileStreamOptions
        {
            Mode = FileMode.Append,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite | FileShare.Delete,
        });
        return new StreamWriter(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };
    }

    /// <summary>
    /// The live file is moved first, and the older ones only when that worked. While another program holds one of them, the live file grows beyond its
    /// limit: better a file that is too long than lines that are lost.
    /// </summary>
    private void Roll()
    {
        _writer.Dispose();
        try
        {
            // What waits here was moved by a roll that did not come to its end.
            var isRolled = (File.Exists(Waiting) && TryShift()) || !File.Exists(Waiting);
            if (isRolled && TryRename(_path, Waiting))
            {
                isRolled = TryShift();
            }

            _rollsAt = File.Exists(_path) ? new FileInfo(_path).Length + (_largest / 5) : _largest;
        }
        finally
        {
            _writer = Open(_path);
        }
    }

    /// <summary>Moves the older files up until <c>.1</c> is free, and puts what waits there. Stops before the first file that is held; nothing is lost.</summary>
    private bool TryShift()
    {
        var free = 1;
        while (free < Files - 1 && File.Exists(Numbered(free)))
        {
            free++;
        }

        for (var number = free - 1; number >= 1; number--)
        {
            if (!TryRename(Numbered(number), Numbered(number + 1)))
            {
                return false;
            }
        }

        return TryRename(Waiting, Numbered(1));
    }

    private bool TryRename(string from, string to)
    {
        try
        {
            _files.Rename(from, to);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private string Waiting => _path + ".0";

    private string Numbered(int number) => FormattableString.Invariant($"{_path}.{number}");
}
