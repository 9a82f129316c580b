using PhishMe.Engine.Storage;

namespace PhishMe.Engine.Running;

/// <summary>
/// Whether the store may lack threats that the files of a feed have: what is not in a file is no longer blocked. It was begun in the middle when a run had a
/// position and no state, because the state was lost or never knew the files; and during a backfill it is still being filled.
/// </summary>
/// <param name="state">The state, before the sync.</param>
/// <param name="position">The position in the configuration file.</param>
internal sealed class StoreCompleteness(IStateStore state, string? position)
{
    private readonly bool _wasBegunInTheMiddle = state.Cursor is null && position is not null;

    /// <summary>Stands in the place of the settings of a destination whose files were kept, until there is a new backfill.</summary>
    public string KeptMark => FormattableString.Invariant($"kept in backfill {state.Cursor?.Generation}");

    /// <summary>Whether files of this destination may have more than the store.</summary>
    public bool IsInPartFor(DestinationState destination) =>
        state.Cursor is not { Phase: SyncPhase.Following } || _wasBegunInTheMiddle || destination.Fingerprint == KeptMark;
}
