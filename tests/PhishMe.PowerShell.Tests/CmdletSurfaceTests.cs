using System.Management.Automation;
using System.Reflection;

namespace PhishMe.PowerShell.Tests;

/// <summary>What a user can type, held to PowerShell's guidelines and to the design.</summary>
public sealed class CmdletSurfaceTests
{
    private static readonly HashSet<string> ApprovedVerbs =
    [
        .. new[]
            {
                typeof(VerbsCommon), typeof(VerbsCommunications), typeof(VerbsData), typeof(VerbsDiagnostic),
                typeof(VerbsLifecycle), typeof(VerbsOther), typeof(VerbsSecurity),
            }
            .SelectMany(verbs => verbs.GetFields(BindingFlags.Public | BindingFlags.Static))
            .Select(field => (string)field.GetRawConstantValue()!),
    ];

    // Verbs that change something: whoever uses one has to offer -WhatIf.
    private static readonly string[] ChangingVerbs =
    [
        VerbsLifecycle.Invoke, VerbsLifecycle.Register, VerbsCommon.Set, VerbsCommon.New, VerbsCommon.Remove, VerbsData.Sync, VerbsData.Export,
    ];

    // Verbs that read, in cmdlets that write a file all the same.
    private static readonly string[] WritingReaders = ["Get-PhishMeReport"];

    public static TheoryData<string> Cmdlets => [.. BuiltModule.Cmdlets.Select(cmdlet => cmdlet.Name)];

    [Fact]
    public void The_surface_is_exactly_this() =>
        Assert.Equal(
            """
            Connect-PhishMe (default Credential)
              [Credential] Credential: PSCredential, mandatory, 0
              [Secret] SecretName: String, mandatory
              [Secret] Vault: String
              [Configuration] ConfigPath: String, mandatory
              [Credential] BaseUri: Uri
              [Secret] BaseUri: Uri
              [Credential] Proxy: Uri
              [Secret] Proxy: Uri
              [Credential] ProxyCredential: PSCredential
              [Secret] ProxyCredential: PSCredential
              [Credential] SkipCertificateCheck: SwitchParameter
              [Secret] SkipCertificateCheck: SwitchParameter
              [__AllParameterSets] PassThru: SwitchParameter
            Disconnect-PhishMe
              [__AllParameterSets] Session: PhishMeSession
            Get-PhishMeIndicator (default Threat)
              [Threat] InputObject: Threat[], mandatory, from pipeline
              [Id] Id: String[], mandatory, 0, from pipeline, by property name, aliases ThreatId
              [Published] PublishedAfter: DateTime, mandatory
              [__AllParameterSets] Kind: IndicatorKind[]
              [__AllParameterSets] Impact: Impact[]
              [__AllParameterSets] Role: String[]
              [__AllParameterSets] Family: String[]
              [__AllParameterSets] ExcludeCorollary: SwitchParameter
              [__AllParameterSets] Session: PhishMeSession
            Get-PhishMePosition
              [__AllParameterSets] Name: String[], 0, from pipeline, by property name
            Get-PhishMeReport (default Path)
              [__AllParameterSets] Id: String[], mandatory, 0, from pipeline, by property name, aliases ThreatId
              [Path] Path: String
              [LiteralPath] LiteralPath: String, mandatory, aliases PSPath LP
              [__AllParameterSets] Format: ReportFormat
              [__AllParameterSets] NoClobber: SwitchParameter
              [__AllParameterSets] Session: PhishMeSession
            Get-PhishMeThreat (default Search)
              [Id] Id: String[], mandatory, 0, from pipeline, by property name, aliases ThreatId
              [Indicator] Indicator: String[], mandatory, aliases IOC
              [__AllParameterSets] Type: Nullable`1
              [__AllParameterSets] First: Nullable`1
              [Search] PublishedAfter: Nullable`1
              [Indicator] PublishedAfter: Nullable`1
              [Search] PublishedBefore: Nullable`1
              [Indicator] PublishedBefore: Nullable`1
              [Search] NativeId: Nullable`1
              [Search] ExtractedString: String
              [Search] SenderName: String
              [Search] Subject: String
              [Search] SenderIp: String[]
              [Search] Family: String
              [Search] ArtifactName: String[]
              [Search] ArtifactMd5: String[]
              [Search] SenderDomain: String[]
              [Search] WatchListDomain: String[]
              [Search] WatchListIp: String[]
              [Search] WatchListUrl: String[]
              [Search] WatchListEmail: String[]
              [Search] HostingAsn: Nullable`1
              [Search] HostingCountry: String
              [Search] HostingOrganization: String
              [Search] HostingIp: String[]
              [Search] PageTitle: String[]
              [Search] Language: String[]
              [Search] PhishDomain: String[]
              [Search] PhishUrl: String[]
              [Search] ReportedDomain: String[]
              [Search] ReportedUrl: String[]
              [Search] ActionDomain: String[]
              [Search] ActionUrl: String[]
              [Search] DropMail: String
              [Search] HasKit: SwitchParameter
              [Search] KitName: String[]
              [Search] KitMd5: String[]
              [Search] WebComponentName: String[]
              [Search] WebComponentMd5: String[]
              [Search] Brand: String[]
              [Search] Ip: String[]
              [Search] Domain: String[]
              [Search] FileName: String[]
              [Search] Md5: String[]
              [Search] Hash: String
              [Search] Url: String
              [__AllParameterSets] Session: PhishMeSession
            Invoke-PhishMeIntegration
              [__AllParameterSets] ConfigPath: String, 0, by property name, aliases PSPath Path conf config_file
            Set-PhishMePosition (default Since)
              [__AllParameterSets] Name: String, 0, by property name
              [Since] Since: DateTime, mandatory
              [Value] Value: String, mandatory
              [__AllParameterSets] PassThru: SwitchParameter
            Sync-PhishMeIntelligence
              [__AllParameterSets] Position: String, 0, aliases Name
              [__AllParameterSets] Since: Nullable`1
              [__AllParameterSets] Session: PhishMeSession
            Test-PhishMeConfiguration (default Path)
              [Path] Path: String[], 0, from pipeline, by property name
              [LiteralPath] LiteralPath: String[], mandatory, by property name, aliases PSPath LP
              [__AllParameterSets] Quiet: SwitchParameter
            Test-PhishMeConnection
              [__AllParameterSets] Quiet: SwitchParameter
              [__AllParameterSets] Session: PhishMeSession
            """,
            string.Join('\n', BuiltModule.Cmdlets));

    [Theory, MemberData(nameof(Cmdlets))]
    public void Verb_is_approved(string name) => Assert.Contains(Cmdlet(name).Verb, ApprovedVerbs);

    [Theory, MemberData(nameof(Cmdlets))]
    public void Noun_is_prefixed_and_singular(string name)
    {
        string noun = Cmdlet(name).Noun;
        Assert.StartsWith("PhishMe", noun, StringComparison.Ordinal);
        Assert.False(noun.EndsWith('s'), $"{noun} reads as a plural.");
    }

    [Theory, MemberData(nameof(Cmdlets))]
    public void Class_is_sealed_and_named_after_the_command(string name)
    {
        CmdletShape cmdlet = Cmdlet(name);
        Assert.True(cmdlet.Type.IsSealed);
        Assert.Equal($"{cmdlet.Verb}{cmdlet.Noun}Command", cmdlet.Type.Name);
        Assert.True(cmdlet.Type.IsAssignableTo(typeof(PhishMeCmdlet)));
    }

    [Theory, MemberData(nameof(Cmdlets))]
    public void Says_what_it_emits(string name) => Assert.NotEmpty(Cmdlet(name).OutputTypes);

    [Theory, MemberData(nameof(Cmdlets))]
    public void Offers_WhatIf_when_it_changes_something(string name) =>
        Assert.Equal(ChangingVerbs.Contains(Cmdlet(name).Verb) || WritingReaders.Contains(name), Cmdlet(name).SupportsShouldProcess);

    [Theory, MemberData(nameof(Cmdlets))]
    public void Default_parameter_set_exists(string name)
    {
        CmdletShape cmdlet = Cmdlet(name);
        IEnumerable<string> sets = cmdlet.Parameters.Select(parameter => parameter.Set);
        Assert.True(cmdlet.DefaultSet is null
            ? sets.All(set => set == ParameterAttribute.AllParameterSets)
            : sets.Contains(cmdlet.DefaultSet));
    }

    [Theory, MemberData(nameof(Cmdlets))]
    public void At_most_one_parameter_of_a_set_is_positional(string name) =>
        Assert.All(
            Cmdlet(name).Parameters.Where(parameter => parameter.Position is not null).GroupBy(parameter => parameter.Set),
            set => Assert.Single(set));

    [Theory, MemberData(nameof(Cmdlets))]
    public void Path_has_a_literal_twin(string name)
    {
        string[] names = [.. Cmdlet(name).Parameters.Select(parameter => parameter.Name)];
        Assert.Equal(names.Contains("Path"), names.Contains("LiteralPath"));
    }

    [Theory, MemberData(nameof(Cmdlets))]
    public void Switches_are_switches_and_credentials_are_credentials(string name) =>
        Assert.All(Cmdlet(name).Parameters, parameter =>
        {
            Assert.NotEqual(typeof(bool), parameter.Type);
            Assert.DoesNotContain("Password", parameter.Name, StringComparison.OrdinalIgnoreCase);
            Assert.Equal(parameter.Name.EndsWith("Credential", StringComparison.Ordinal), parameter.Type == typeof(PSCredential));
        });

    private static CmdletShape Cmdlet(string name) => BuiltModule.Cmdlets.Single(cmdlet => cmdlet.Name == name);
}
