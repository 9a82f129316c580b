using System.Text.RegularExpressions;

namespace PhishMe.PowerShell.Tests;

/// <summary>What pages, comments and tests say about each other.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string[] Sources =
    [
        .. new[] { "src", "tests", "samples" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(BuiltModule.RepositoryRoot, folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !Generated().IsMatch(file)),
    ];

    [Fact]
    public void Every_section_that_a_comment_cites_exists()
    {
        var sections = Directory.EnumerateFiles(Docs("reference"), "*.md")
            .SelectMany(page => Headings().Matches(File.ReadAllText(page)).Select(heading => $"{Path.GetFileName(page)} §{heading.Groups[1].Value}"))
            .ToHashSet(StringComparer.Ordinal);
        var cited = Sources.SelectMany(file => Citations().Matches(File.ReadAllText(file)).Select(citation => (File: file, Place: citation.Groups[1].Value))).ToArray();

        Assert.True(cited.Length > 40, "The citations are not found any more.");
        Assert.All(cited, citation => Assert.True(sections.Contains(citation.Place), $"{citation.File} cites {citation.Place}, which does not exist."));
    }

    [Fact]
    public void No_comment_cites_a_page_that_is_not_part_of_the_repository() =>
        Assert.All(Sources, file => Assert.All(
            Pages().Matches(File.ReadAllText(file)).Select(page => page.Value),
            page => Assert.True(
                new[] { "", "docs", "docs/en-US" }.Any(folder => File.Exists(Path.Combine(BuiltModule.RepositoryRoot, folder, page))),
                $"{file} mentions {page}, which does not exist.")));

    [Fact]
    public void Every_source_file_that_a_page_names_exists()
    {
        string[] files = [.. Sources.Select(file => file.Replace('\\', '/'))];
        Assert.All(Directory.EnumerateFiles(Docs(), "*.md", SearchOption.AllDirectories), page => Assert.All(
            SourceFiles().Matches(File.ReadAllText(page)).Select(name => name.Groups[1].Value),
            name => Assert.True(
                Array.Exists(files, file => file.EndsWith($"/{name}", StringComparison.Ordinal) || file.EndsWith($"/PhishMe.{name}", StringComparison.Ordinal)),
                $"{page} names {name}, which does not exist.")));
    }

    [Fact]
    public void A_change_of_the_table_touches_four_files_at_most()
    {
        var table = File.ReadAllText(Docs("architecture.md")).Split("## Where to change what")[1].Split("\n## ")[0];
        var rows = table.Split('\n').Where(line => line.StartsWith("| a", StringComparison.Ordinal) || line.StartsWith("| w", StringComparison.Ordinal)).ToArray();

        Assert.True(rows.Length >= 20, "The table has twenty rows or more.");
        Assert.All(rows, row => Assert.InRange(SourceFiles().Count(row), 0, 4));
    }

    [Fact]
    public void Every_invariant_names_tests_that_exist()
    {
        var tests = Sources.SelectMany(file => Methods(File.ReadAllText(file))).ToHashSet(StringComparer.Ordinal);
        var invariants = File.ReadAllText(Docs("invariants.md")).Split("\n**")[1..];

        Assert.Equal(11, invariants.Length);
        Assert.All(invariants, invariant =>
        {
            var named = NamedTests().Matches(invariant).Select(test => test.Groups[1].Value).ToArray();
            Assert.NotEmpty(named);
            Assert.All(named, test => Assert.Contains(test, tests));
        });
    }

    [Fact]
    public void Every_link_between_pages_leads_somewhere()
    {
        string[] pages =
        [
            .. Directory.EnumerateFiles(BuiltModule.RepositoryRoot, "*.md"),
            .. Directory.EnumerateFiles(Docs(), "*.md", SearchOption.AllDirectories),
        ];
        Assert.All(pages, page => Assert.All(
            Links().Matches(File.ReadAllText(page)).Select(link => link.Groups[1].Value),
            link => Assert.True(Path.Exists(Path.Combine(Path.GetDirectoryName(page)!, link)), $"{page} links to {link}, which does not exist.")));
    }

    private static string Docs(params string[] parts) => Path.Combine([BuiltModule.RepositoryRoot, "docs", .. parts]);

    /// <summary>The public methods of a file as <c>Class.Method</c>; a file of tests holds one class that has them.</summary>
    private static IEnumerable<string> Methods(string source)
    {
        var type = ClassNames().Match(source).Groups[1].Value;
        return MethodNames().Matches(source).Select(method => $"{type}.{method.Groups[1].Value}");
    }

    [GeneratedRegex(@"[/\\](obj|bin)[/\\]")]
    private static partial Regex Generated();

    [GeneratedRegex(@"^#+ (\d+(?:\.\d+)?) ", RegexOptions.Multiline)]
    private static partial Regex Headings();

    [GeneratedRegex(@"\breference/([a-z]+\.md §\d+(?:\.\d+)?)")]
    private static partial Regex Citations();

    [GeneratedRegex(@"(?<=^\s*//.*[ (])[\w/-]+\.md\b", RegexOptions.Multiline)]
    private static partial Regex Pages();

    [GeneratedRegex(@"^- `(\w+\.\w+)`", RegexOptions.Multiline)]
    private static partial Regex NamedTests();

    [GeneratedRegex(@"^public (?:sealed |partial |static |abstract )*class (\w+)", RegexOptions.Multiline)]
    private static partial Regex ClassNames();

    [GeneratedRegex(@"^    public (?:async )?(?:Task|void) (\w+)\(", RegexOptions.Multiline)]
    private static partial Regex MethodNames();

    [GeneratedRegex(@"\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)")]
    private static partial Regex Links();

    [GeneratedRegex(@"`([\w./-]+\.cs)`")]
    private static partial Regex SourceFiles();
}
