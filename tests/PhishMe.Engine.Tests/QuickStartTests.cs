using System.Text.RegularExpressions;
using PhishMe.QuickStart;

namespace PhishMe.Engine.Tests;

/// <summary>The first command of the README.</summary>
public sealed partial class QuickStartTests
{
    [Fact]
    public async Task The_quick_start_tells_of_a_backfill_of_updates_and_of_a_withdrawal_and_leaves_nothing_behind()
    {
        using var output = new StringWriter();

        var exitCode = await Tour.RunAsync(output, keep: false, TestContext.Current.CancellationToken);

        var text = output.ToString();
        Assert.True(exitCode == 0, text);
        Assert.Equal(2, RunsDone().Count(text));
        Assert.Contains("all.cef", text, StringComparison.Ordinal);
        Assert.Contains("A line of all.cef: CEF:0|", text, StringComparison.Ordinal);
        Assert.Matches(@"json.*\.json: removed", text);
        Assert.Contains("\"deleted\":true", text, StringComparison.Ordinal);
        Assert.Contains("|threat_withdrawn|", text, StringComparison.Ordinal);
        Assert.DoesNotContain("warning:", text, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^ended with 0 \(Done\)", RegexOptions.Multiline)]
    private static partial Regex RunsDone();
}
