namespace PhishMe.InProcess.Tests;

/// <summary>What the tab key offers, and what it costs: nothing.</summary>
public sealed class CompletionTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public void Families_brands_and_roles_that_came_by_are_offered_in_quotes_where_they_need_them()
    {
        using var shell = Shell.Connect(api);
        Assert.Empty(shell.Complete("Get-PhishMeThreat -Family De"));
        Assert.Null(shell.Run("Get-PhishMeThreat | Out-Null").Thrown);

        Assert.Contains("'Demo RAT'", shell.Complete("Get-PhishMeThreat -Family De"));
        Assert.Contains("'Demo RAT'", shell.Complete("Get-PhishMeThreat -Family 'De"));
        Assert.NotEmpty(shell.Complete("Get-PhishMeThreat -Brand "));
        Assert.Contains("C2", shell.Complete("Find-PhishMeIndicator a -Role C"));
        Assert.Empty(shell.Complete("Get-PhishMeThreat -Family zzz"));
    }

    [Fact]
    public void The_tab_key_asks_the_network_nothing()
    {
        using var shell = Shell.Connect(api);
        var before = api.Simulator.Requests.Count();

        foreach (var line in new[] { "Get-PhishMeThreat -Family ", "Get-PhishMeThreat -Session ", "Sync-PhishMeIntelligence ", "Get-PhishMeThreat -" })
        {
            shell.Complete(line);
        }

        Assert.Equal(before, api.Simulator.Requests.Count());
    }

    [Fact]
    public void Positions_are_offered_by_name()
    {
        using var shell = Shell.Open();
        Assert.Empty(shell.Run("Set-PhishMePosition tabbed -Since 2025-01-01").Errors);

        Assert.Contains("tabbed", shell.Complete("Sync-PhishMeIntelligence ta"));
        Assert.Contains("tabbed", shell.Complete("Get-PhishMePosition -Name ta"));
    }

    [Fact]
    public void Variables_that_hold_a_session_are_offered()
    {
        using var shell = Shell.Connect(api);
        Assert.Null(shell.Run($"$global:mySession = Connect-PhishMe $credential -BaseUri {api.BaseUri} -PassThru").Thrown);

        Assert.Contains("$mySession", shell.Complete("Get-PhishMeThreat -Session "));
        Assert.DoesNotContain("$credential", shell.Complete("Get-PhishMeThreat -Session "));
    }

    [Theory]
    [InlineData("Get-PhishMeThreat -Type ", "Malware", "Phish")]
    [InlineData("Get-PhishMeThreat -MinimumImpact ma", "Major")]
    [InlineData("Get-PhishMeReport m_1 -Format ", "Html", "Pdf")]
    [InlineData("Export-PhishMeStix out -Version ", "2.1", "'1.1.1'")]
    [InlineData("Export-PhishMeStix out -Fr", "-FromStore")]
    [InlineData("Export-PhishMeFeed ", "carbon_black", "logrhythm", "centripetal_networks", "paloalto_minemeld", "qradar_siem")]
    [InlineData("Export-PhishMeFeed -Name lo", "logrhythm")]
    [InlineData("Get-PhishMeThreat -Publ", "-PublishedAfter", "-PublishedBefore")]
    public void Words_of_a_fixed_choice_are_offered(string line, params string[] words)
    {
        using var shell = Shell.Open();

        Assert.Equal(words.Order(), shell.Complete(line).Order());
    }
}
