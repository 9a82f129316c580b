using PhishMe.Engine.Indicators;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Rendering.Blocking;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Rendering;

/// <summary>Every kind of indicator has one descriptor, and everything made from it knows every kind.</summary>
public sealed class IndicatorKindsTests
{
    public static TheoryData<IndicatorKind> Kinds => [.. Enum.GetValues<IndicatorKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_has_a_descriptor_of_its_own(IndicatorKind kind)
    {
        var descriptor = IndicatorKinds.Of(kind);

        Assert.Equal(kind, descriptor.Kind);
        Assert.Equal(kind.ToString().ToLowerInvariant(), descriptor.Word);
        Assert.Equal(kind is >= IndicatorKind.Md5 and <= IndicatorKind.Ssdeep, descriptor.IsHash);
        Assert.Equal(kind == IndicatorKind.Unknown, descriptor.StixPath is null);
        Assert.Equal(kind == IndicatorKind.Unknown, descriptor.MispType is null);
        Assert.Equal(descriptor.IsHash, descriptor.StixHashName is not null);
        Assert.Equal(descriptor.IsHash || descriptor.IsNetwork, descriptor.CanBeBlocked);
        Assert.Equal(kind != IndicatorKind.Unknown, StixPattern.Of(kind, kind == IndicatorKind.Ssdeep ? "3:a:b" : "x") is not null);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_rule_knows_every_kind(IndicatorKind kind)
    {
        Assert.False(EmptyFile.IsHash(kind, "x"));
        Assert.Equal(kind is IndicatorKind.IPv4 or IndicatorKind.IPv6, UnroutableHost.IsIn(kind, "x.example"));
        Assert.Equal(kind is IndicatorKind.Domain or IndicatorKind.Url or IndicatorKind.Subject, MispAttributeRule.Fit(kind, "x.example") is not null);
    }

    [Fact]
    public void Marks_and_formats_know_every_level_and_every_output()
    {
        Assert.All(Enum.GetValues<TlpLevel>(), level => Assert.Equal(level == TlpLevel.None, StixMarking.Of(level) is null));
        Assert.All(Enum.GetValues<OutputFormat>(), format => Assert.NotNull(FormatCatalogue.Of(FormatCatalogue.FormOf(format, isStixBundle: true))));
    }
}
