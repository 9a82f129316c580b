using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Products;

namespace PhishMe.Engine.Tests.Configuration;

/// <summary>Paths that Windows does not take, or takes and means something else by.</summary>
public sealed class WindowsPathTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(@"C:\PhishMe\out.json")]
    [InlineData("C:/PhishMe/out.json")]
    [InlineData(@"out\all.cef")]
    [InlineData(@"..\all.cef")]
    [InlineData(@"\\server\share\out.json")]
    [InlineData(@"\\?\C:\long\out.json")]
    [InlineData(@"D:\Ünïcode\日本\out.json")]
    [InlineData(@"C:\nullify\console.log")]
    public void Good_ones(string path) => Assert.Null(WindowsPath.ProblemOf(path));

    [Theory]
    [InlineData(@"C:out.json", "current folder")]
    [InlineData(@"C:\out:json", "hidden stream")]
    [InlineData(@"out.json:zone", "hidden stream")]
    [InlineData(@"C:\a<b.json", "<")]
    [InlineData(@"C:\a>b.json", ">")]
    [InlineData("C:\\a\"b.json", "\"")]
    [InlineData(@"C:\a|b.json", "|")]
    [InlineData(@"C:\a?.json", "?")]
    [InlineData(@"C:\*.json", "*")]
    [InlineData("C:\\a\tb.json", "control character")]
    [InlineData(@"C:\logs\nul", "device")]
    [InlineData(@"C:\logs\AUX.log", "device")]
    [InlineData(@"COM1", "device")]
    [InlineData(@"C:\con\out.json", "device")]
    [InlineData(@"C:\out.", "dot or a blank")]
    [InlineData(@"C:\out \a.json", "dot or a blank")]
    public void Bad_ones(string path, string why) => Assert.Contains(why, WindowsPath.ProblemOf(path), StringComparison.Ordinal);

    [Theory]
    [InlineData(@"\\server\share\config.db", true)]
    [InlineData(@"\\?\UNC\server\share\config.db", true)]
    [InlineData(@"Z:\config.db", true)]
    [InlineData(@"\\?\Z:\config.db", true)]
    [InlineData(@"C:\config.db", false)]
    [InlineData(@"\\?\C:\config.db", false)]
    public void Those_of_another_computer(string path, bool expected) =>
        Assert.Equal(expected, WindowsPath.IsRemote(path, root => root == @"Z:\"));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Such_a_path_in_the_file_is_a_finding_on_Windows_only(bool isWindows)
    {
        _folder.Save("[local_log]\nlog_file = aux.log\n");

        var findings = ConfigurationReader.Read(_folder.File, new ReadingContext { Products = ProductCatalogue.All, IsWindows = isWindows }).Findings;

        Assert.Equal(isWindows, findings.Any(finding => finding.Id == FindingRules.PathInvalid.Id && finding.Key == "log_file"));
    }
}
