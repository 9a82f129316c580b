using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Threats;

public sealed class NamePatternTests
{
    [Theory]
    [InlineData("Mock*", "Mock Loader", true)]
    [InlineData("mock*", "MOCK", true)]
    [InlineData("*loader", "Mock Loader", true)]
    [InlineData("M?ck Loader", "Mock Loader", true)]
    [InlineData("*", "x", true)]
    [InlineData("Mock", "Mock Loader", false)]
    [InlineData("mock loader", "Mock Loader", true)]
    [InlineData("Mock*", "Hammock", false)]
    [InlineData(@"a\b*", @"a\bc", true)]
    [InlineData("[x]*", "[x] y", true)]
    [InlineData("*", null, false)]
    public void ANameIsComparedInAnyCaseAndWithWildcards(string pattern, string? name, bool matches) =>
        Assert.Equal(matches, NamePattern.MatchesAny(["no such name", pattern], name));

    [Fact]
    public void NothingAskedForMatchesNothing() => Assert.False(NamePattern.MatchesAny([], "x"));

    [Theory]
    [InlineData("a*", true)]
    [InlineData("a?", true)]
    [InlineData("a[b]", false)]
    [InlineData(null, false)]
    public void OnlyAsteriskAndQuestionMarkAreWildcards(string? name, bool has) => Assert.Equal(has, NamePattern.HasWildcard(name));
}
