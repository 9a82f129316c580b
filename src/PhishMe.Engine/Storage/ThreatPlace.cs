using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>A threat whose id is known.</summary>
/// <param name="Id">The threat.</param>
internal sealed record ThreatPlace(ThreatId Id) : DeadLetterPlace
{
    public override DeadLetterKind Kind => DeadLetterKind.Threat;

    public override ThreatId? Threat => Id;

    public override string ToString() => Id.ToString();
}
