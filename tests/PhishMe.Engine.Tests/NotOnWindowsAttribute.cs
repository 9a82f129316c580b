using System.Reflection;
using Xunit.v3;

namespace PhishMe.Engine.Tests;

/// <summary>
/// The one mark of tests that need what Windows does not have: modes, signals, daemons of Debian, paths that begin with a slash. There they are skipped
/// with the reason. The trait <c>Platform=NotWindows</c> lists them.
/// </summary>
/// <param name="reason">What Windows does not have.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class NotOnWindowsAttribute(string reason) : BeforeAfterTestAttribute, ITraitAttribute
{
    /// <summary>What Windows does not have.</summary>
    public string Reason { get; } = reason;

    /// <inheritdoc/>
    public override void Before(MethodInfo methodUnderTest, IXunitTest test) => Assert.SkipWhen(OperatingSystem.IsWindows(), Reason);

    /// <inheritdoc/>
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Platform", "NotWindows")];
}
