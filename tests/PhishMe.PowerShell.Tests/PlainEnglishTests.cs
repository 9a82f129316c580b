using System.Text.RegularExpressions;

namespace PhishMe.PowerShell.Tests;

/// <summary>
/// Messages, help and documentation are read by people whose first language is English or none of ours. These are the phrases that crept in before: each is
/// either not English or has to be read twice, and has a plain word instead.
/// </summary>
public sealed partial class PlainEnglishTests
{
    private static readonly string[] Folders = ["docs/en-US", "en-US"];

    private static readonly string[] Files = ["README.md", "config.ini.sample", "docs/configuration.md", "docs/delivery.md", "docs/network.md", "docs/reliability.md", "docs/store.md", "docs/performance.md", "CHANGELOG.md", "PhishMe.psd1", "PhishMe.Format.ps1xml"];

    public static TheoryData<string> Texts =>
    [
        .. Folders.SelectMany(folder => Directory.EnumerateFiles(Rooted(folder))).Concat(Files.Select(Rooted))
            .Select(path => Path.GetRelativePath(BuiltModule.RepositoryRoot, path)),
    ];

    [Theory, MemberData(nameof(Texts))]
    public void TextIsPlainEnglish(string file) => Assert.Empty(Found(File.ReadLines(Rooted(file))));

    [Fact]
    public void MessagesArePlainEnglish()
    {
        var found = Directory.EnumerateFiles(Rooted("src"), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"))
            .SelectMany(path => Found(File.ReadLines(path).Select(Strings)).Select(text => $"{Path.GetFileName(path)}: {text}"));

        Assert.Empty(found);
    }

    [Theory]
    [InlineData("'zzz' is no id of a threat.")]
    [InlineData("An indicator to search for is none.")]
    [InlineData("One bad record stops nobody.")]
    [InlineData("What is wrong is told as a result.")]
    [InlineData("Each output takes what is news to it.")]
    [InlineData("It belongs into no lock file.")]
    [InlineData("A file that may not be there, which may not be replaced.")]
    [InlineData("Both unless given.")]
    public void ThePhrasesThatAreMeantAreFound(string text) => Assert.Matches(Translated(), text);

    [Theory]
    [InlineData("There is no threat m_1.")]
    [InlineData("Null when there is none.")]
    [InlineData("The file is no longer there.")]
    [InlineData("No one else moves it.")]
    [InlineData("Tell them apart with Group-Object.")]
    public void OrdinaryEnglishIsNot(string text) => Assert.DoesNotMatch(Translated(), text);

    private static IEnumerable<string> Found(IEnumerable<string> lines) =>
        lines.Select((text, index) => (text, index)).Where(line => Translated().IsMatch(line.text)).Select(line => $"line {line.index + 1}: {line.text.Trim()}");

    // What stands in quotes on a line that is not a comment.
    private static string Strings(string line) =>
        line.TrimStart().StartsWith("//", StringComparison.Ordinal) ? string.Empty : string.Join(' ', Quoted().Matches(line).Select(match => match.Value));

    private static string Rooted(string path) => Path.Combine(BuiltModule.RepositoryRoot, path);

    [GeneratedRegex(
        @"(?<!there )\b(is|are) no (?!longer\b|more\b|less\b|one\b)|(?<!there )\bis none\b|\b(nobody|somebody)\b|\b(is|are|was|were|be|been|being) told\b"
        + @"|\btells? (what|how|everything|of|which|that)\b|\bis news\b|\bbelongs? into\b|\b(which|who|that) may not be\b|\b(to|not|can) be had\b|\bunless given\b"
        + @"|\bforesaw\b|\bof no effect\b|\bworth telling\b|\basked for again\b|\bthere already\b|\banew\b|\bas whom\b|\bwithout a word\b|\bgoes? on (there|from there|without)\b",
        RegexOptions.IgnoreCase)]
    private static partial Regex Translated();

    [GeneratedRegex(@"""((?:[^""\\]|\\.)*)""")]
    private static partial Regex Quoted();
}
