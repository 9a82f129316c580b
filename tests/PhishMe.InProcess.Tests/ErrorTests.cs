using System.Management.Automation;
using PhishMe.Simulator;

namespace PhishMe.InProcess.Tests;

/// <summary>What ends a line and what does not, under which id, about what, with which advice.</summary>
public sealed class ErrorTests
{
    [Theory]
    [InlineData("Get-PhishMeThreat", "NotConnected", ErrorCategory.ConnectionError)]
    [InlineData("Get-PhishMeThreat m_1", "NotConnected", ErrorCategory.ConnectionError)]
    [InlineData("Get-PhishMeIndicator m_1", "NotConnected", ErrorCategory.ConnectionError)]
    [InlineData("Get-PhishMeReport m_1", "NotConnected", ErrorCategory.ConnectionError)]
    [InlineData("Sync-PhishMeIntelligence", "NotConnected", ErrorCategory.ConnectionError)]
    [InlineData("Test-PhishMeConnection", "NotConnected", ErrorCategory.ConnectionError)]
    [InlineData("Connect-PhishMe -ConfigPath /no/such.ini", "ConfigurationNotFound", ErrorCategory.ObjectNotFound)]
    [InlineData("Find-PhishMeIndicator a.example -Store /no/such.db", "StoreNotFound", ErrorCategory.ObjectNotFound)]
    [InlineData("Find-PhishMeIndicator a.example -Store a -ConfigPath b", "ParameterConflict", ErrorCategory.InvalidArgument)]
    [InlineData("Find-PhishMeIndicator a.example -Store a -Connection Host=b", "ParameterConflict", ErrorCategory.InvalidArgument)]
    [InlineData("Find-PhishMeIndicator a.example -Connection 'Host=/no/such;Password=sesame'", "StateServerUnreachable", ErrorCategory.ConnectionError)]
    [InlineData("Get-PhishMeThreat -FromStore -Store /no/such.db", "StoreNotFound", ErrorCategory.ObjectNotFound)]
    [InlineData("Get-PhishMeStatistics -Store /no/such.db", "StoreNotFound", ErrorCategory.ObjectNotFound)]
    [InlineData("Export-PhishMeStix env:x -FromStore -Store /no/such.db", "PathInvalid", ErrorCategory.InvalidArgument)]
    [InlineData("Export-PhishMeStix out -FromStore -Store /no/such.db", "StoreNotFound", ErrorCategory.ObjectNotFound)]
    public void Nothing_left_to_do_ends_the_line(string line, string id, ErrorCategory category)
    {
        using var shell = Shell.Open();

        var result = shell.Run($"{line}; 'went on'");

        Assert.NotNull(result.Thrown);
        Assert.Empty(result.Text);
        Assert.Equal((id, category), (ShellResult.IdOf(result.Thrown), result.Thrown.CategoryInfo.Category));
        IsComplete(result.Thrown);
    }

    [Theory]
    [InlineData("Disconnect-PhishMe", "NotConnected", null)]
    [InlineData("Get-PhishMePosition nowhere", "PositionMissing", "nowhere")]
    [InlineData("Invoke-PhishMeIntegration /no/such.ini | Out-Null", "ConfigurationNotFound", "/no/such.ini")]
    [InlineData("Get-PhishMeRun /no/such.ini", "ConfigurationNotFound", "/no/such.ini")]
    [InlineData("Get-PhishMeDestination /no/such.ini", "ConfigurationNotFound", "/no/such.ini")]
    [InlineData("Get-PhishMeDeadLetter /no/such.ini", "ConfigurationNotFound", "/no/such.ini")]
    [InlineData("Reset-PhishMeDestination raw_json -ConfigPath /no/such.ini", "ConfigurationNotFound", "raw_json")]
    [InlineData("'{', '{\"id\":1,\"threatType\":\"MALWARE\"}' | ConvertFrom-PhishMeJson | Out-Null", "InputInvalid", "{")]
    public void What_costs_only_itself_lets_the_line_go_on(string line, string id, string? target)
    {
        using var shell = Shell.Open();

        var result = shell.Run($"{line}; 'went on'");

        Assert.Null(result.Thrown);
        Assert.Equal(["went on"], result.Text);
        var error = Assert.Single(result.Errors);
        Assert.Equal((id, target), (ShellResult.IdOf(error), error.TargetObject?.ToString()));
        IsComplete(error);
    }

    [Fact]
    public void ErrorAction_Stop_turns_the_one_into_the_other()
    {
        using var shell = Shell.Open();

        var result = shell.Run("Get-PhishMePosition nowhere -ErrorAction Stop; 'went on'");

        Assert.Empty(result.Text);
        Assert.Equal("PositionMissing", ShellResult.IdOf(result.Thrown!));
    }

    [Theory]
    [InlineData(FaultRuleKind.Unauthorized401, "CredentialsRefused", ErrorCategory.AuthenticationError)]
    [InlineData(FaultRuleKind.Html200, "ApiAnswerInvalid", ErrorCategory.InvalidData)]
    [InlineData(FaultRuleKind.ServerError500, "ApiFailing", ErrorCategory.ResourceUnavailable)]
    public async Task An_API_that_fails_ends_the_line(FaultRuleKind kind, string id, ErrorCategory category)
    {
        var api = new ApiFixture();
        await api.InitializeAsync();
        using var shell = Shell.Open();
        Assert.Null(shell.Run($"Connect-PhishMe -ConfigPath '{api.WriteConfiguration("once.ini")}'").Thrown);
        api.Simulator.Inject(new FaultRule { Route = "search", Kind = kind, Count = -1 });

        var result = shell.Run("Get-PhishMeThreat; 'went on'");

        Assert.Empty(result.Text);
        Assert.Equal((id, category), (ShellResult.IdOf(result.Thrown!), result.Thrown!.CategoryInfo.Category));
        IsComplete(result.Thrown);
        await api.DisposeAsync();
    }

    [Fact]
    public async Task One_id_that_fails_does_not_cost_the_others()
    {
        var api = new ApiFixture();
        await api.InitializeAsync();
        using var shell = Shell.Connect(api);
        api.Simulator.Withdraw("m_500001");

        var result = shell.Run("'m_500000', 'zzz', 'm_999999', 'm_500002' | Get-PhishMeThreat");

        Assert.Null(result.Thrown);
        Assert.Equal(["m_500000", "m_500002"], result.Values("Id"));
        Assert.Equal(
            [("ThreatIdInvalid", "zzz"), ("ThreatNotFound", "m_999999")],
            result.Errors.Select(error => (ShellResult.IdOf(error), error.TargetObject?.ToString())).Order());
        Assert.All(result.Errors, IsComplete);
        await api.DisposeAsync();
    }

    // What a person needs: what happened, in words without a stack, and what to do next.
    private static void IsComplete(ErrorRecord error)
    {
        Assert.StartsWith("PhishMe.", error.Exception.GetType().FullName, StringComparison.Ordinal);
        Assert.NotEmpty(error.ErrorDetails.Message);
        Assert.DoesNotContain(" at PhishMe.", error.ErrorDetails.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
    }
}
