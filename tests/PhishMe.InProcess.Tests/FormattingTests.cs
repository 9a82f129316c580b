using System.Text.RegularExpressions;

namespace PhishMe.InProcess.Tests;

/// <summary>Real objects as a terminal of 80, 120 or 200 columns shows them: what an analyst needs is there, and whole.</summary>
public sealed partial class FormattingTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    public static TheoryData<string, string, int> Tables
    {
        get
        {
            (string Line, string Columns)[] tables =
            [
                ("Get-PhishMeThreat", "Id Type Published Impact Families IOCs Label"),
                ("Get-PhishMeThreat | Get-PhishMeIndicator", "ThreatId Kind Impact Role Family Value"),
                ("(Get-PhishMeThreat | Get-PhishMeIndicator).Value | Select-Object -Unique -First 50 | Find-PhishMeIndicator -Store $store -WarningAction Ignore", "ThreatId Impact Role Match Value"),
                ("Find-PhishMeIndicator -LiteralPath $log -Store $store", "Line ThreatId Impact Role Match Value"),
                ("Set-PhishMePosition shown -Since 2025-01-01; Get-PhishMePosition shown", "Name Phase Pages Taken Updated Position"),
                ("Get-PhishMeRun $config", "Started Duration ExitCode Received Withdrawn SetAside Sent"),
                ("(Get-PhishMeRun $config).Outputs", "Output Format Threats Withdrawn Unchanged Written Removed Bytes"),
                ("(Test-PhishMeConfiguration $config).Findings", "Severity Line Where Message"),
                ("Test-PhishMeConnection", "Outcome Subject Message"),
            ];
            TheoryData<string, string, int> data = [];
            foreach (var (line, columns) in tables)
            {
                foreach (var width in new[] { 80, 120, 200 })
                {
                    data.Add(line, columns, width);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public void A_table_fits_and_cuts_off_nothing(string line, string columns, int width)
    {
        using var shell = Prepare();

        var text = Shown(shell, line, width);

        var lines = text.Split('\n').Select(row => row.TrimEnd()).ToArray();
        var rule = Array.FindIndex(lines, row => Rule().IsMatch(row));
        Assert.True(rule > 0, text);
        Assert.Equal(columns, string.Join(' ', lines[rule - 1].Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.True(lines.Length > rule + 1 && lines[rule + 1].Length > 0, text);
        Assert.All(lines, row => Assert.InRange(row.Length, 0, width));
        Assert.DoesNotContain('\u2026', text);
    }

    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    [InlineData(200)]
    public void The_value_of_an_indicator_is_shown_whole(int width)
    {
        using var shell = Prepare();
        var values = shell.Run("(Get-PhishMeThreat | Get-PhishMeIndicator | Select-Object -First 40).Value").Text;

        var text = Shown(shell, "Get-PhishMeThreat | Get-PhishMeIndicator | Select-Object -First 40", width);

        var lines = text.Split('\n').Select(row => row.TrimEnd()).ToArray();
        var rule = Array.FindIndex(lines, row => Rule().IsMatch(row));
        var start = lines[rule].LastIndexOf(' ') + 1;
        var column = string.Concat(lines[(rule + 1)..].Select(row => row.Length > start ? row[start..] : string.Empty));
        Assert.Equal(string.Concat(values).Replace(" ", string.Empty, StringComparison.Ordinal), column.Replace(" ", string.Empty, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Get-PhishMeThreat -First 1 | Format-List", "Id", "Label", "Indicators")]
    [InlineData("Get-PhishMeThreat -First 1 | Get-PhishMeIndicator | Select-Object -First 1 | Format-List", "ThreatId", "Value", "Role")]
    [InlineData("Get-PhishMeRun $config -First 1 | Select-Object -First 1 | Format-List", "ExitCode", "Position", "Outputs")]
    [InlineData("Connect-PhishMe $credential -BaseUri $address -PassThru", "BaseUri", "Feeds")]
    public void A_list_names_what_matters(string line, params string[] labels)
    {
        using var shell = Prepare();

        var text = Shown(shell, line, 80);

        Assert.All(labels, label => Assert.Matches($"(?m)^{label} +: \\S", text));
        Assert.DoesNotContain("System.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("PhishMe.Intelligence", text, StringComparison.Ordinal);
    }

    /// <summary>The outputs of a run that has just ended are an array, those of one read back a List, whose own ForEach hides that of PowerShell.</summary>
    [Theory]
    [InlineData("Invoke-PhishMeIntegration $config -WarningAction Ignore", "output_json: 0 threats")]
    [InlineData("Get-PhishMeRun $config | Format-List", "output_json: 60 threats")]
    [InlineData("Get-PhishMeRun $config", " 60 +0 +0 +60")]
    public void A_run_says_what_the_outputs_received(string line, string expected)
    {
        using var shell = Prepare();

        Assert.Matches(expected, Shown(shell, line, 80));
    }

    [Theory]
    [InlineData("Sender", "198.51.100.7", "198.51.100.7", "Sender    198.51.100.7")]
    [InlineData("ParentDomain", "a.b.example", "b.example", "ParentDom.*a.b.example -> b.example")]
    public void What_was_matched_is_shown_beside_the_value_when_it_is_another(string kind, string input, string matched, string expected)
    {
        using var shell = Shell.Open();

        var text = Shown(
            shell,
            $"[PhishMe.Intelligence.IndicatorMatch]@{{ Input = '{input}'; MatchedValue = '{matched}'; MatchKind = '{kind}'; Kind = 'Domain'; Source = 'WatchList'; ThreatId = [PhishMe.Intelligence.ThreatId]::Parse('m_1') }}",
            120);

        Assert.Matches(expected, text);
        Assert.DoesNotContain($"{input} -> {input}", text, StringComparison.Ordinal);
    }

    [GeneratedRegex("^ *-+( +-+)* *$")]
    private static partial Regex Rule();

    private static string Shown(Shell shell, string line, int width)
    {
        var result = shell.Run($"& {{ {line} }} | Out-String -Width {width}");
        Assert.Null(result.Thrown);
        Assert.Empty(result.Errors);
        return Assert.Single(result.Text);
    }

    // A run has filled a store, and one value of it is in a log.
    private Shell Prepare()
    {
        var name = Guid.NewGuid().ToString("N");
        var config = api.WriteConfiguration(
            $"{name}.ini", "[output_json]", "use = True", "append_file_use = True", $"append_file_location = {api.Folder}/{name}.json", "multiple_file_use = False", "typo = 1", "[local_sqlite]", "use = True");
        var shell = Shell.Connect(api);
        shell.Set("config", config);
        shell.Set("store", Path.ChangeExtension(config, ".db"));
        shell.Set("log", Path.ChangeExtension(config, ".access"));
        shell.Set("address", api.BaseUri);
        var run = shell.Run("""
            $run = Invoke-PhishMeIntegration $config -WarningAction Ignore
            "$($run.ExitCode)"
            $value = (Get-PhishMeThreat -FromStore -Store $store | Get-PhishMeIndicator -Kind Domain | Select-Object -First 1).Value
            Set-Content -LiteralPath $log -Value "GET $value"
            """);
        Assert.Null(run.Thrown);
        Assert.Equal(["Done"], run.Text);
        return shell;
    }
}
