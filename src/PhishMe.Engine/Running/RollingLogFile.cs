using System.Text;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace PhishMe.Engine.Running;

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
    private StreamWriter _writer;

    /// <exception cref="IOException">The file cannot be opened.</exception>
    public RollingLogFile(string path, ITextFormatter formatter, long largest = LargestFile)
    {
        _path = path;
        _formatter = formatter;
        _largest = largest;
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
                if (_writer.BaseStream.Position >= _largest)
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
        var options = new FileStreamOptions
        {
            Mode = FileMode.Append,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite | FileShare.Delete,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new StreamWriter(new FileStream(path, options), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };
    }

    private void Roll()
    {
        _writer.Dispose();
        try
        {
            for (var number = Files - 2; number >= 1; number--)
            {
                if (File.Exists(Numbered(number)))
                {
                    File.Move(Numbered(number), Numbered(number + 1), overwrite: true);
                }
            }

            File.Move(_path, Numbered(1), overwrite: true);
        }
        finally
        {
            // Better a file that is too long than none for the rest of the run.
            _writer = Open(_path);
        }
    }

    private string Numbered(int number) => FormattableString.Invariant($"{_path}.{number}");
}
