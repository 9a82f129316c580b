using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>A CEF line that belongs to no threat.</summary>
/// <param name="Window">Begin of the window of the backfill.</param>
/// <param name="Number">The stray line of the window, from 0.</param>
internal sealed record StrayLinePlace(DateTimeOffset Window, int Number) : DeadLetterPlace
{
    public override DeadLetterKind Kind => DeadLetterKind.StrayLine;

    public override string ToString() => FormattableString.Invariant($"CEF window of {Window:yyyy-MM-dd}, stray line {Number}");
}
