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
        VerbsCommunications.Send, VerbsCommon.Reset, VerbsData.Publish,
    ];

    // Verbs that read, in cmdlets that write a file all the same.
    private static readonly string[] WritingReaders = ["Get-PhishMeReport"];

    public static TheoryData<string> Cmdlets => [.. BuiltModule.Cmdlets.Select(cmdlet => cmdlet.Name)];

    // In a file of its own, so that a review sees a change of the surface as one. To write it anew: PHISHME_REGENERATE=1 dotnet test.
    [Fact]
    public void The_surface_is_exactly_this() => CommittedFile.AssertIs("tests/PhishMe.PowerShell.Tests/surface.txt", $"{string.Join('\n', BuiltModule.Cmdlets)}\n");

    [Theory, MemberData(nameof(Cmdlets))]
    public void Verb_is_approved(string name) => Assert.Contains(Cmdlet(name).Verb, ApprovedVerbs);

    [Theory, MemberData(nameof(Cmdlets))]
    public void Noun_is_prefixed_and_singular(string name)
    {
        var noun = Cmdlet(name).Noun;
        Assert.StartsWith("PhishMe", noun, StringComparison.Ordinal);
        Assert.False(noun.EndsWith('s') && noun != "PhishMeStatistics", $"{noun} reads as a plural.");
    }

    [Theory, MemberData(nameof(Cmdlets))]
    public void Class_is_sealed_and_named_after_the_command(string name)
    {
        var cmdlet = Cmdlet(name);
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
        var cmdlet = Cmdlet(name);
        var sets = cmdlet.Parameters.Select(parameter => parameter.Set);
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

    // One concept, one name: what a user learned of one cmdlet holds for all.
    [Theory]
    [InlineData("Since", typeof(DateTime))]
    [InlineData("Until", typeof(DateTime))]
    [InlineData("Store", typeof(string))]
    [InlineData("ConfigPath", typeof(string))]
    [InlineData("Session", typeof(PhishMeSession))]
    [InlineData("Role", typeof(string[]))]
    [InlineData("MinimumImpact", typeof(PhishMe.Intelligence.Impact))]
    [InlineData("Tlp", typeof(PhishMe.Intelligence.TlpLevel))]
    [InlineData("Version", typeof(string))]
    [InlineData("IncludeWithdrawn", typeof(SwitchParameter))]
    public void Parameter_of_one_name_has_one_type_in_every_cmdlet(string name, Type type)
    {
        var types = BuiltModule.Cmdlets.SelectMany(cmdlet => cmdlet.Parameters).Where(parameter => parameter.Name == name)
            .Select(parameter => Nullable.GetUnderlyingType(parameter.Type) ?? parameter.Type)
            .Distinct();
        Assert.Equal([type], types);
    }

    [Fact]
    public void Times_have_one_name_and_the_older_ones_are_aliases()
    {
        var parameters = BuiltModule.Cmdlets.SelectMany(cmdlet => cmdlet.Parameters).ToList();
        Assert.DoesNotContain(parameters, parameter => parameter.Name.StartsWith("Published", StringComparison.Ordinal));
        Assert.Contains(parameters, parameter => parameter.Name == "Since" && parameter.Aliases.Contains("PublishedAfter"));
        Assert.Contains(parameters, parameter => parameter.Name == "Until" && parameter.Aliases.Contains("PublishedBefore"));
    }

    private static CmdletShape Cmdlet(string name) => BuiltModule.Cmdlets.Single(cmdlet => cmdlet.Name == name);
}
