using System.Text;
using PhishMe.Engine.Destinations.Files;
using Serilog.Core;

namespace PhishMe.Engine.Tests.Destinations.Files;

/// <summary>What a run that died left behind a committed length is cut off, and nothing else is.</summary>
public sealed class AppendFileTests : IDisposable
{
    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("phishme-append-").FullName, "all.json");

    [Theory]
    [InlineData("one\ntwo\n", 4L, true, false, "one\n")]
    [InlineData("one\ntwo\n", 4L, false, false, "one\ntwo\n")] // The last run ended well: somebody else added a line.
    [InlineData("one\n", 8L, true, false, "one\n")] // It was rotated.
    [InlineData("one\ntw", null, true, false, "one\ntw")] // The state does not know it, and nothing says that the torn line is ours.
    [InlineData("one\ntw", null, true, true, "one\n")] // The state was lost.
    [InlineData("tw", null, true, true, "")]
    public void A_file_is_repaired(string content, long? committed, bool repair, bool stateWasLost, string expected)
    {
        File.WriteAllText(_path, content);

        using var file = AppendFile.Open(_path, committed, repair, stateWasLost, Logger.None, step: null);

        Assert.Equal(expected, File.ReadAllText(_path));
        Assert.Equal(expected.Length, file.Length);
        Assert.Equal(committed != expected.Length, file.IsUnknown);
    }

    [Fact]
    public async Task What_was_not_committed_is_cut_off_again()
    {
        File.WriteAllText(_path, "one\n");
        using var file = AppendFile.Open(_path, 4, repair: false, isTornLineOurs: false, Logger.None, step: null);
        await file.AppendAsync([Encoding.UTF8.GetBytes("two\n")], TestContext.Current.CancellationToken);
        file.Commit();
        await file.AppendAsync([Encoding.UTF8.GetBytes("three\n")], TestContext.Current.CancellationToken);

        Assert.True(file.CutBack());
        Assert.Equal("one\ntwo\n", File.ReadAllText(_path));
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);
}
