using System.Globalization;
using PhishMe.Engine.Files;
using PhishMe.Engine.Running.Logging;
using Serilog;
using Serilog.Formatting.Display;

namespace PhishMe.Engine.Tests.Files;

/// <summary>A log that is full while another program reads one of its files loses no line.</summary>
public sealed class RollingLogTests : IDisposable
{
    private const int Lines = 60;

    private readonly string _folder = Directory.CreateTempSubdirectory("phishme-test-").FullName;

    private string LogPath => Path.Combine(_folder, "phishme.log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("phishme.log", -1)]
    [InlineData("phishme.log", 3)]
    [InlineData("phishme.log.1", -1)]
    [InlineData("phishme.log.3", 2)]
    public void No_line_is_lost(string held, int times)
    {
        for (var number = 1; number < RollingLogFile.Files - 1; number++)
        {
            File.WriteAllText($"{LogPath}.{number}", $"old {number}\n");
        }

        Write(new HeldFileCalls().Hold(held, times));

        var all = AllLines();
        Assert.Equal(Enumerable.Range(0, Lines).Select(Line), all.Where(line => line.StartsWith("line", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        if (times < 0)
        {
            // Nothing rolled over: the old files are all there.
            Assert.Equal(8, all.Count(line => line.StartsWith("old", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void What_an_unfinished_roll_left_is_filed_by_the_next_one()
    {
        File.WriteAllText(LogPath + ".0", "waiting\n");

        Write(new HeldFileCalls());

        Assert.False(File.Exists(LogPath + ".0"));
        Assert.Contains("waiting", AllLines());
    }

    private static string Line(int number) => string.Create(CultureInfo.InvariantCulture, $"line {number:000}");

    private void Write(IFileCalls calls)
    {
        using var file = new RollingLogFile(LogPath, new MessageTemplateTextFormatter("{Message:lj}\n", CultureInfo.InvariantCulture), calls, largest: 200);
        using var log = new LoggerConfiguration().WriteTo.Sink(file).CreateLogger();
        for (var i = 0; i < Lines; i++)
        {
            log.Information(Line(i));
        }

        Assert.Null(file.Problem);
    }

    private string[] AllLines() => [.. Directory.EnumerateFiles(_folder).SelectMany(File.ReadAllLines)];
}
