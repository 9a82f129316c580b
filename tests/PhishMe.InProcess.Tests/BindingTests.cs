namespace PhishMe.InProcess.Tests;

/// <summary>
/// What PowerShell makes of a line: the parameter set it chooses, and what it binds. Functions with the parameters of the cmdlets say so; they do nothing else.
/// </summary>
public sealed class BindingTests(BindingShell bound) : IClassFixture<BindingShell>
{
    /// <summary>A line, its parameter set, its arguments. Every parameter set of every cmdlet is here once at least.</summary>
    public static TheoryData<string, string, string> Lines { get; } = new()
    {
        { "Connect-PhishMe $credential", "Credential", "Credential=*" },
        { "Connect-PhishMe $credential -BaseUri http://a.example/x -SkipCertificateCheck", "Credential", "BaseUri=http://a.example/x Credential=* SkipCertificateCheck=True" },
        { "Connect-PhishMe -SecretName token -Vault work", "Secret", "SecretName=token Vault=work" },
        { "Connect-PhishMe -ConfigPath a.ini -PassThru", "Configuration", "ConfigPath=a.ini PassThru=True" },
        { "ConvertFrom-PhishMeJson a", "__AllParameterSets", "InputObject=a" },
        { "'a', 'b' | ConvertFrom-PhishMeJson", "__AllParameterSets", "InputObject=a / InputObject=b" },
        { "$threat | ConvertTo-PhishMeCef -Type Phish -Kind url, Domain", "__AllParameterSets", "InputObject=* Kind=Url+Domain Type=Phish" },
        { "ConvertTo-PhishMeJson $threat -Since 2026-01-02 -MinimumImpact major", "__AllParameterSets", "InputObject=* MinimumImpact=Major Since=2026-01-02T00:00:00 Unspecified" },
        { "$threat | ConvertTo-PhishMeMisp -Tlp Amber", "__AllParameterSets", "InputObject=* Tlp=Amber" },
        { "$threat | ConvertTo-PhishMeStix -Version 1.1.1 -AllowList a.example, ''", "__AllParameterSets", "AllowList=a.example+ InputObject=* Version=1.1.1" },
        { "Disconnect-PhishMe", "__AllParameterSets", "" },
        { "$threat | Export-PhishMeCef out.cef", "Path", "InputObject=* Path=out.cef" },
        { "$threat | Export-PhishMeCef -LP out.cef", "LiteralPath", "InputObject=* LiteralPath=out.cef" },
        { "Export-PhishMeCef out.cef -FromStore", "PathFromStore", "FromStore=True Path=out.cef" },
        { "Export-PhishMeCef -LiteralPath out.cef -FromStore -Store a.db", "LiteralPathFromStore", "FromStore=True LiteralPath=out.cef Store=a.db" },
        { "$threat | Export-PhishMeFeed logrhythm out", "Path", "InputObject=* Name=logrhythm Path=out" },
        { "$threat | Export-PhishMeFeed logrhythm -LP out", "LiteralPath", "InputObject=* LiteralPath=out Name=logrhythm" },
        { "Export-PhishMeFeed logrhythm out -FromStore -RetentionDays 7", "PathFromStore", "FromStore=True Name=logrhythm Path=out RetentionDays=7" },
        { "Export-PhishMeFeed logrhythm -LiteralPath out -FromStore -Store a.db", "LiteralPathFromStore", "FromStore=True LiteralPath=out Name=logrhythm Store=a.db" },
        { "'a.example' | Export-PhishMeIndicatorList out.txt -Format Csv", "Path", "Format=Csv InputObject=a.example Path=out.txt" },
        { "'a.example' | Export-PhishMeIndicatorList -LiteralPath out.txt", "LiteralPath", "InputObject=a.example LiteralPath=out.txt" },
        { "Export-PhishMeIndicatorList out.txt -FromStore -ConfigPath a.ini", "PathFromStore", "ConfigPath=a.ini FromStore=True Path=out.txt" },
        { "Export-PhishMeIndicatorList -LiteralPath out.txt -FromStore", "LiteralPathFromStore", "FromStore=True LiteralPath=out.txt" },
        { "$threat | Export-PhishMeJson out.json -NoOverwrite", "Path", "InputObject=* NoClobber=True Path=out.json" },
        { "$threat | Export-PhishMeJson -LiteralPath out.json", "LiteralPath", "InputObject=* LiteralPath=out.json" },
        { "Export-PhishMeJson out.json -FromStore -IncludeWithdrawn", "PathFromStore", "FromStore=True IncludeWithdrawn=True Path=out.json" },
        { "Export-PhishMeJson -LiteralPath out.json -FromStore", "LiteralPathFromStore", "FromStore=True LiteralPath=out.json" },
        { "$threat | Export-PhishMeMisp out.json", "Path", "InputObject=* Path=out.json" },
        { "$threat | Export-PhishMeMisp -LiteralPath out.json", "LiteralPath", "InputObject=* LiteralPath=out.json" },
        { "Export-PhishMeDashboard out.html -ConfigPath a.ini -NoClobber", "__AllParameterSets", "ConfigPath=a.ini NoClobber=True OutputPath=out.html" },
        { "Export-PhishMeMisp out.json -FromStore", "PathFromStore", "FromStore=True Path=out.json" },
        { "Export-PhishMeMisp -LiteralPath out.json -FromStore", "LiteralPathFromStore", "FromStore=True LiteralPath=out.json" },
        { "$threat | Export-PhishMeStix out.json -ValidDays 30", "Path", "InputObject=* Path=out.json ValidDays=30" },
        { "$threat | Export-PhishMeStix -LiteralPath out.json", "LiteralPath", "InputObject=* LiteralPath=out.json" },
        { "Export-PhishMeStix out.json -FromStore", "PathFromStore", "FromStore=True Path=out.json" },
        { "Export-PhishMeStix -LiteralPath out.json -FromStore", "LiteralPathFromStore", "FromStore=True LiteralPath=out.json" },
        { "Find-PhishMeIndicator a.example, '' -Store a.db", "Value", "Store=a.db Value=a.example+" },
        { "'a.example', 'b.example' | Find-PhishMeIndicator", "Value", "Value=a.example / Value=b.example" },
        { "[pscustomobject]@{ Value = 'a.example'; Other = 1 } | Find-PhishMeIndicator", "Value", "Value=a.example" },
        { "Find-PhishMeIndicator -Path *.log", "Path", "Path=*.log" },
        { "[pscustomobject]@{ LiteralPath = 'a.log' } | Find-PhishMeIndicator", "LiteralPath", "LiteralPath=a.log" },
        { "Get-PhishMeDeadLetter a.ini", "__AllParameterSets", "ConfigPath=a.ini" },
        { "[pscustomobject]@{ Path = 'a.ini' } | Get-PhishMeDestination", "__AllParameterSets", "ConfigPath=a.ini" },
        { "$threat | Get-PhishMeIndicator -Impact Major, Moderate", "Threat", "Impact=Major+Moderate InputObject=*" },
        { "Get-PhishMeIndicator -PublishedAfter 2026-01-02T03:04:05Z", "Published", "Since=2026-01-02T03:04:05 Local" },
        { "Get-PhishMeIndicator m_1, p_2", "Id", "Id=m_1+p_2" },
        { "'m_1' | Get-PhishMeIndicator", "Id", "Id=m_1" },
        { "[pscustomobject]@{ ThreatId = 'm_1' } | Get-PhishMeIndicator", "Id", "Id=m_1" },
        { "'a', 'b' | Get-PhishMePosition", "__AllParameterSets", "Name=a / Name=b" },
        { "[pscustomobject]@{ Name = 'a' } | Get-PhishMePosition", "__AllParameterSets", "Name=a" },
        { "Get-PhishMeReport m_1 -Path out", "Path", "Id=m_1 Path=out" },
        { "[pscustomobject]@{ Id = 'm_1' } | Get-PhishMeReport -LiteralPath out -Format pdf", "LiteralPath", "Format=Pdf Id=m_1 LiteralPath=out" },
        { "Get-PhishMeRun a.ini -First 3 -Failed", "__AllParameterSets", "ConfigPath=a.ini Failed=True First=3" },
        { "Get-PhishMeStatistics -Connection env:STATE", "__AllParameterSets", "Connection=env:STATE" },
        { "'a.example' | Find-PhishMeIndicator -Connection Host=a", "Value", "Connection=Host=a Value=a.example" },
        { "Get-PhishMeThreat -FromStore -Connection Host=a", "Search", "Connection=Host=a FromStore=True" },
        { "Export-PhishMeCef out.cef -FromStore -Connection Host=a", "PathFromStore", "Connection=Host=a FromStore=True Path=out.cef" },
        { "Export-PhishMeFeed logrhythm out -FromStore -Connection Host=a", "PathFromStore", "Connection=Host=a FromStore=True Name=logrhythm Path=out" },
        { "Get-PhishMeStatistics -Since 2026-01-02", "__AllParameterSets", "Since=2026-01-02T00:00:00 Unspecified" },
        { "Get-PhishMeThreat", "Search", "" },
        { "Get-PhishMeThreat -Family 'Demo*' -Until 2026-01-02 -First 5", "Search", "Family=Demo* First=5 Until=2026-01-02T00:00:00 Unspecified" },
        { "Get-PhishMeThreat -IOC a.example, ''", "Indicator", "Indicator=a.example+" },
        { "Get-PhishMeThreat 7 -Type Phish", "Id", "Id=7 Type=Phish" },
        { "'m_1', 'p_2' | Get-PhishMeThreat", "Id", "Id=m_1 / Id=p_2" },
        { "[pscustomobject]@{ Id = 'm_1'; Type = 'Phish' } | Get-PhishMeThreat", "Id", "Id=m_1" },
        { "Invoke-PhishMeIntegration -conf a.ini", "__AllParameterSets", "ConfigPath=a.ini" },
        { "[pscustomobject]@{ PSPath = 'a.ini' } | Invoke-PhishMeIntegration", "__AllParameterSets", "ConfigPath=a.ini" },
        { "New-PhishMeConfiguration a.ini -Format Json, Cef -Setting @{ a = 1 }", "__AllParameterSets", "ConfigPath=a.ini Format=Json+Cef Setting=*" },
        { "$threat | Publish-PhishMeThreat raw_json -Path a.ini", "__AllParameterSets", "ConfigPath=a.ini Destination=raw_json InputObject=*" },
        { "Register-PhishMeSchedule a.ini -IntervalMinutes 30", "__AllParameterSets", "ConfigPath=a.ini IntervalMinutes=30" },
        { "[pscustomobject]@{ Path = 'a.ini' } | Register-PhishMeServer -ProgramPath server -Kind Systemd", "__AllParameterSets", "ConfigPath=a.ini Kind=Systemd ProgramPath=server" },
        { "[pscustomobject]@{ Id = 'raw_json' } | Reset-PhishMeDestination -Path a.ini", "__AllParameterSets", "ConfigPath=a.ini Id=raw_json" },
        { "$threat | Send-PhishMeSyslog siem.example -Port 6514 -Transport Tls", "Host", "ComputerName=siem.example InputObject=* Port=6514 Transport=Tls" },
        { "$threat | Send-PhishMeSyslog -Server siem.example", "Host", "ComputerName=siem.example InputObject=*" },
        { "$threat | Send-PhishMeSyslog -ConfigPath a.ini", "Configuration", "ConfigPath=a.ini InputObject=*" },
        { "Set-PhishMePosition a -Since 2026-01-02", "Since", "Name=a Since=2026-01-02T00:00:00 Unspecified" },
        { "Set-PhishMePosition -Value abc", "Value", "Value=abc" },
        { "Sync-PhishMeIntelligence a -Since 2026-01-02", "__AllParameterSets", "Position=a Since=2026-01-02T00:00:00 Unspecified" },
        { "Test-PhishMeConfiguration a.ini, b.ini", "Path", "Path=a.ini+b.ini" },
        { "[pscustomobject]@{ Path = 'a.ini' } | Test-PhishMeConfiguration", "Path", "Path=a.ini" },
        { "[pscustomobject]@{ PSPath = 'a.ini' } | Test-PhishMeConfiguration -Quiet", "LiteralPath", "LiteralPath=a.ini Quiet=True" },
        { "'raw_json', 'raw_cef' | Test-PhishMeDestination", "__AllParameterSets", "Name=raw_json / Name=raw_cef" },
        { "[pscustomobject]@{ Id = 'raw_json' } | Test-PhishMeDestination -Quiet", "__AllParameterSets", "Name=raw_json Quiet=True" },
        { "Test-PhishMeConnection -Quiet", "__AllParameterSets", "Quiet=True" },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public void A_line_chooses_its_parameter_set_and_binds_its_arguments(string line, string set, string arguments)
    {
        var result = bound.Run(line);

        Assert.Null(result.Thrown);
        Assert.Empty(result.Errors);
        Assert.Equal([set], result.Values("Set").Distinct());
        Assert.Equal(arguments, string.Join(" / ", result.Values("Bound")));
    }

    [Fact]
    public void Every_parameter_set_of_every_cmdlet_is_bound_once_at_least()
    {
        var written = Lines.Select(row => $"{bound.CommandOf(row.Data.Item1)} {row.Data.Item2}").ToHashSet(StringComparer.Ordinal);

        Assert.Empty(bound.ParameterSets.Except(written, StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Connect-PhishMe -SecretName a -ConfigPath b", "AmbiguousParameterSet")]
    [InlineData("Connect-PhishMe -ConfigPath a -BaseUri http://b/", "AmbiguousParameterSet")]
    [InlineData("Connect-PhishMe -ConfigPath ''", "ParameterArgumentValidationError")]
    [InlineData("1 | ConvertTo-PhishMeCef", "InputObjectNotBound")]
    [InlineData("$threat | ConvertTo-PhishMeStix -Version 3", "ParameterArgumentValidationError")]
    [InlineData("$threat | ConvertTo-PhishMeStix -ValidDays -1", "ParameterArgumentValidationError")]
    [InlineData("$threat | ConvertTo-PhishMeMisp -Tlp Purple", "ParameterArgumentTransformationError")]
    [InlineData("$threat | ConvertTo-PhishMeCef -Since yesterday", "ParameterArgumentTransformationError")]
    [InlineData("$threat | Export-PhishMeCef out -LiteralPath out", "PositionalParameterNotFound")]
    [InlineData("$threat | Export-PhishMeCef out -FromStore", "InputObjectNotBound")]
    [InlineData("Export-PhishMeCef out -Store a.db", "MissingMandatoryParameter")]
    [InlineData("Find-PhishMeIndicator a.example -Path a.log", "PositionalParameterNotFound")]
    [InlineData("Find-PhishMeIndicator a.example -MinimumImpact Huge", "ParameterArgumentTransformationError")]
    [InlineData("Get-PhishMeIndicator m_1 -Since 2026-01-01", "PositionalParameterNotFound")]
    [InlineData("Get-PhishMeThreat m_1 -Family a", "PositionalParameterNotFound")]
    [InlineData("Get-PhishMeThreat -Indicator a -Family b", "AmbiguousParameterSet")]
    [InlineData("Get-PhishMeThreat -First 0", "ParameterArgumentValidationError")]
    [InlineData("Get-PhishMeThreat -Nonsense", "NamedParameterNotFound")]
    [InlineData("Get-PhishMeRun -First 0", "ParameterArgumentValidationError")]
    [InlineData("Register-PhishMeSchedule -IntervalMinutes 0", "ParameterArgumentValidationError")]
    [InlineData("Send-PhishMeSyslog siem.example -InputObject 1 -Port 65536", "ParameterArgumentValidationError")]
    [InlineData("Set-PhishMePosition -Since 2026-01-01 -Value a", "AmbiguousParameterSet")]
    [InlineData("Sync-PhishMeIntelligence ''", "ParameterArgumentValidationError")]
    public void A_line_that_makes_no_sense_is_refused(string line, string error)
    {
        var result = bound.Run(line);

        Assert.Empty(result.Output);
        Assert.Equal(error, ShellResult.IdOf(result.Thrown ?? Assert.Single(result.Errors)));
    }
}
