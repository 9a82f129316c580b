using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>An object of a page of a backfill that is no threat.</summary>
/// <param name="Generation">The backfill.</param>
/// <param name="Page">The page, from 0.</param>
/// <param name="Item">The unreadable object of the page, from 0.</param>
internal sealed record UnreadablePlace(int Generation, long Page, int Item) : DeadLetterPlace
{
    public override DeadLetterKind Kind => DeadLetterKind.UnreadableThreat;

    public override string ToString() => FormattableString.Invariant($"backfill {Generation}, page {Page}, unreadable threat {Item}");
}
