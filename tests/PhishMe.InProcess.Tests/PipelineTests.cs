namespace PhishMe.InProcess.Tests;

/// <summary>Objects through the real cmdlets: by value, by property name, and through the module's own readings of an argument.</summary>
public sealed class PipelineTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Theory]
    [InlineData("'m_500000' | Get-PhishMeThreat")]
    [InlineData("'M_500000' | Get-PhishMeThreat")]
    [InlineData("500000 | Get-PhishMeThreat -Type Malware")]
    [InlineData("[PhishMe.Intelligence.ThreatId]::Parse('m_500000') | Get-PhishMeThreat")]
    [InlineData("[pscustomobject]@{ Id = 'm_500000' } | Get-PhishMeThreat")]
    [InlineData("[pscustomobject]@{ ThreatId = 'm_500000'; Id = 'not this one' } | Get-PhishMeThreat")]
    [InlineData("'ThreatId', 'm_500000' | ConvertFrom-Csv | Get-PhishMeThreat")]
    [InlineData("Get-PhishMeThreat -Id m_500000 | Get-PhishMeThreat")]
    [InlineData("Get-PhishMeIndicator m_500000 | Get-PhishMeThreat")]
    [InlineData("Get-PhishMeThreat -Id (Get-PhishMeThreat m_500000)")]
    [InlineData("Get-PhishMeThreat -Id (Get-PhishMeIndicator m_500000)")]
    public void An_id_is_taken_from_whatever_has_one(string line)
    {
        using var shell = Shell.Connect(api);

        var result = shell.Run(line);

        Assert.Equal((null, 0), (result.Thrown, result.Errors.Count));
        Assert.Equal(["m_500000"], result.Values("Id"));
    }

    [Fact]
    public void Each_object_arrives_while_the_next_one_is_still_to_come()
    {
        using var shell = Shell.Open();
        shell.Set("documents", api.Documents);

        var result = shell.Run("$documents | ConvertFrom-PhishMeJson | Get-PhishMeIndicator | Select-Object -First 1; $documents.Count");

        Assert.Equal(2, result.Output.Count);
        Assert.Equal(result.Output[1].ToString(), api.Documents.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("TLP:AMBER", "Amber")]
    [InlineData("amber+strict", "AmberStrict")]
    [InlineData("White", "Clear")]
    public void The_traffic_light_is_taken_as_people_write_it(string written, string level)
    {
        using var shell = Shell.Open();
        shell.Set("documents", api.Documents);

        var result = shell.Run($"""
            $threat = $documents[0] | ConvertFrom-PhishMeJson
            ($threat | ConvertTo-PhishMeMisp -Tlp '{written}') -eq ($threat | ConvertTo-PhishMeMisp -Tlp {level})
            """);

        Assert.Equal((null, 0), (result.Thrown, result.Errors.Count));
        Assert.Equal(["True"], result.Text);
    }

    [Fact]
    public void A_file_is_taken_by_its_path()
    {
        using var shell = Shell.Open();
        var first = api.WriteConfiguration("first [1].ini");
        var second = api.WriteConfiguration("second.ini");

        var result = shell.Run($"Get-Item -LiteralPath '{first}', '{second}' | Test-PhishMeConfiguration");

        Assert.Equal([first, second], result.Values("Path"));
    }

    [Fact]
    public void What_PassThru_hands_on_are_the_objects_that_came()
    {
        using var shell = Shell.Open();
        shell.Set("documents", api.Documents);

        var result = shell.Run($"""
            $threats = $documents | ConvertFrom-PhishMeJson
            $passed = $threats | Export-PhishMeCef '{api.Folder}/passed.cef' -PassThru
            $passed.Count -eq $threats.Count -and [object]::ReferenceEquals($passed[3], $threats[3])
            """);

        Assert.Equal(["True"], result.Text);
    }
}
