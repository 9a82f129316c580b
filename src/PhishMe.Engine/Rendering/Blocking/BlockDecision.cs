using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering.Blocking;

/// <summary>Whether an indicator may stand in a list that is enforced without anyone reading it.</summary>
/// <param name="Reason">Why not; null when it may.</param>
internal readonly record struct BlockDecision(LeftOutReason? Reason)
{
    /// <summary>It may.</summary>
    public static BlockDecision Allowed { get; }

    /// <summary>Whether it may.</summary>
    public bool IsAllowed => Reason is null;
}
