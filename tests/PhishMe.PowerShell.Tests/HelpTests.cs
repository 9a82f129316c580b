using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Tests;

/// <summary>Whatever a user can type, meet or set is described. To bring the help up to date: <c>./build.ps1 Stage, Help</c>.</summary>
public sealed partial class HelpTests
{
    private const string Update = "Bring the help up to date: ./build.ps1 Stage, Help";

    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";

    private static readonly XDocument Help = XDocument.Load(Path.Combine(BuiltModule.StagedFolder, "en-US", "PhishMe.PowerShell.dll-Help.xml"));

    public static TheoryData<string> Cmdlets => [.. BuiltModule.Cmdlets.Select(cmdlet => cmdlet.Name)];

    public static TheoryData<string> Topics =>
        ["about_PhishMe", "about_PhishMe_Configuration", "about_PhishMe_Errors", "about_PhishMe_Lookups", "about_PhishMe_Scheduling"];

    [Fact]
    public void Every_cmdlet_is_described_and_no_other() =>
        Assert.Equal(
            BuiltModule.Cmdlets.Select(cmdlet => cmdlet.Name),
            Help.Descendants(Command + "details").Select(details => details.Element(Command + "name")!.Value.Trim()).Order(StringComparer.Ordinal));

    [Theory, MemberData(nameof(Cmdlets))]
    public void Cmdlet_has_synopsis_description_and_two_examples(string name)
    {
        var help = HelpOf(name);
        Assert.False(string.IsNullOrWhiteSpace(help.Element(Command + "details")!.Element(Maml + "description")?.Value), Update);
        Assert.False(string.IsNullOrWhiteSpace(help.Element(Maml + "description")?.Value), Update);
        Assert.True(help.Descendants(Command + "example").Count() >= 2, $"{name} has fewer than two examples.");
        Assert.DoesNotContain("{{", help.Value, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Cmdlets))]
    public void Examples_are_code_and_remarks_without_fences(string name)
    {
        XNamespace dev = "http://schemas.microsoft.com/maml/dev/2004/10";
        Assert.All(HelpOf(name).Descendants(Command + "example"), example =>
        {
            Assert.DoesNotContain("```", example.Value, StringComparison.Ordinal);
            Assert.False(string.IsNullOrWhiteSpace(example.Element(dev + "code")?.Value), Update);
        });
    }

    [Theory, MemberData(nameof(Cmdlets))]
    public void Every_parameter_is_described_and_no_other(string name)
    {
        var described = HelpOf(name).Element(Command + "parameters")!.Elements(Command + "parameter")
            .Where(parameter => !string.IsNullOrWhiteSpace(parameter.Element(Maml + "description")?.Value))
            .Select(parameter => parameter.Element(Maml + "name")!.Value);
        var declared = ParametersOf(name);
        Assert.Equal(declared.Order(StringComparer.Ordinal), described.Except(["WhatIf", "Confirm"]).Order(StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(Cmdlets))]
    public void Markdown_says_what_the_compiled_help_says(string name)
    {
        var markdown = File.ReadAllText(Path.Combine(BuiltModule.RepositoryRoot, "docs", "en-US", name + ".md"));
        Assert.Equal(
            ParametersOf(name).Order(StringComparer.Ordinal),
            ParameterHeading().Matches(markdown).Select(match => match.Groups[1].Value).Except(["WhatIf", "Confirm"]).Order(StringComparer.Ordinal));
        Assert.All(
            HelpOf(name).Element(Maml + "description")!.Elements(Maml + "para").Select(paragraph => FirstLine(paragraph.Value)),
            line => Assert.Contains(line, markdown, StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Topics))]
    public void Topic_is_staged_and_fits_a_console(string topic)
    {
        var lines = File.ReadAllLines(Path.Combine(BuiltModule.StagedFolder, "en-US", topic + ".help.txt"));
        Assert.Equal("TOPIC", lines[0]);
        Assert.Equal("    " + topic, lines[1]);

        // One word may be longer than a line, such as the command that a scheduler starts.
        Assert.All(lines, line => Assert.True(line.Length <= 80 || line.TrimStart().StartsWith("pwsh", StringComparison.Ordinal), line));
    }

    [Fact]
    public void The_topic_on_errors_is_what_the_catalogue_says()
    {
        var text = new StringBuilder();
        text.Append("TOPIC\n    about_PhishMe_Errors\n\nSHORT DESCRIPTION\n    The errors of the module, and what to do about them.\n\nLONG DESCRIPTION\n");
        Wrap(text, 4, "An error record has the id below as the first part of FullyQualifiedErrorId; the ids are stable, so that scripts may compare them. "
            + "Exception.Fault holds the entry. A run that ends with the error has the exit code given.");
        text.Append('\n');
        foreach (var kind in Faults.All.OrderBy(kind => kind.Id, StringComparer.Ordinal))
        {
            text.Append("    ").Append(kind.Id).Append('\n');
            text.Append("        Category ").Append(kind.Category).Append(", exit code ").Append((int)kind.ExitCode).Append(" (").Append(kind.ExitCode).Append(").\n");
            Wrap(text, 8, kind.RecommendedAction);
            text.Append('\n');
        }

        text.Append("SEE ALSO\n    about_PhishMe\n    about_PhishMe_Scheduling\n");
        CommittedFile.AssertIs("en-US/about_PhishMe_Errors.help.txt", text.ToString());
    }

    [Fact]
    public void The_topic_on_lookups_has_the_forms_of_the_page_on_the_store()
    {
        var text = new StringBuilder();
        text.Append("TOPIC\n    about_PhishMe_Lookups\n\nSHORT DESCRIPTION\n    Which forms of a value match which in the local store.\n\nLONG DESCRIPTION\n");
        Wrap(text, 4, "Find-PhishMeIndicator and the conditions of Get-PhishMeThreat -FromStore compare values in one form, on both sides: in the store, in what is "
            + "looked up, in log files and on the allow list.");
        AppendForms(text, "  Forms of the same value", "written as", "is the same as", ", also written as");
        AppendForms(text, "  Values that only look alike", "written as", "is not", " is not");
        text.Append("\nSEE ALSO\n    Find-PhishMeIndicator\n    about_PhishMe\n");
        CommittedFile.AssertIs("en-US/about_PhishMe_Lookups.help.txt", text.ToString());
    }

    [Fact]
    public void The_topic_on_scheduling_names_every_exit_code()
    {
        var topic = File.ReadAllText(Path.Combine(BuiltModule.StagedFolder, "en-US", "about_PhishMe_Scheduling.help.txt"));
        Assert.All(Enum.GetValues<ExitCode>(), code => Assert.Matches($@"(?m)^ +{(int)code}  +\S", topic));
    }

    [Fact]
    public void The_module_topic_names_every_cmdlet()
    {
        var topic = File.ReadAllText(Path.Combine(BuiltModule.StagedFolder, "en-US", "about_PhishMe.help.txt"));
        Assert.All(BuiltModule.Cmdlets, cmdlet => Assert.Contains(cmdlet.Name, topic, StringComparison.Ordinal));
    }

    private static XElement HelpOf(string name) =>
        Help.Descendants(Command + "command").Single(command => command.Element(Command + "details")!.Element(Command + "name")!.Value.Trim() == name);

    private static IEnumerable<string> ParametersOf(string name) =>
        BuiltModule.Cmdlets.Single(cmdlet => cmdlet.Name == name).Parameters.Select(parameter => parameter.Name).Distinct();

    private static string FirstLine(string text) => text.Trim().Split('\n')[0].Trim();

    /// <summary>Writes a table of docs/store.md, whose forms are tried one by one by the tests of the store.</summary>
    private static void AppendForms(StringBuilder text, string heading, string first, string second, string verb)
    {
        text.Append('\n').Append(heading).Append('\n');
        var page = File.ReadAllLines(Path.Combine(BuiltModule.RepositoryRoot, "docs", "store.md"));
        foreach (var row in page.SkipWhile(line => line != $"| {first} | {second} |").Skip(2).TakeWhile(line => line.StartsWith('|')))
        {
            var cells = row.Split(" | ");
            text.Append("    ").Append(CodeSpan().Match(cells[1]).Groups[1].Value).Append(verb).Append('\n');
            foreach (Match form in CodeSpan().Matches(cells[0]))
            {
                text.Append("        ").Append(form.Groups[1].Value).Append('\n');
            }
        }
    }

    private static void Wrap(StringBuilder text, int indentation, string paragraph)
    {
        var line = string.Empty;
        foreach (var word in paragraph.Split(' '))
        {
            if (line.Length > 0 && indentation + line.Length + 1 + word.Length > 79)
            {
                text.Append(' ', indentation).Append(line).Append('\n');
                line = string.Empty;
            }

            line += line.Length > 0 ? " " + word : word;
        }

        text.Append(' ', indentation).Append(line).Append('\n');
    }

    [GeneratedRegex(@"(?m)^### -(\w+)\s*$")]
    private static partial Regex ParameterHeading();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex CodeSpan();
}
