using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Running.Sessions;

/// <summary>A named position as its file has it.</summary>
internal sealed record StoredPosition
{
    public const int NewestFormat = 2;

    public int Format { get; init; } = NewestFormat;

    public required string Name { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The API it was used with; its pages and positions mean nothing to another one.</summary>
    public Uri? BaseUri { get; init; }

    /// <summary>Where a sync starts or was started from.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Null until a sync was begun.</summary>
    public SyncCursor? Cursor { get; init; }

    /// <summary>Handed over behind the cursor: id, blank, fingerprint of the content.</summary>
    public IReadOnlyList<string> Taken { get; init; } = [];

    /// <summary>Handed over shortly before the cursor; tells what is seen twice because pages shift or the changes overlap the back catalogue.</summary>
    public IReadOnlyList<string> Recent { get; init; } = [];

    /// <summary>Could not be handed over and is asked for again: ids of threats. Format 1 has places of the back catalogue here, too, in words.</summary>
    public IReadOnlyList<string> Missed { get; init; } = [];

    /// <summary>Places of the back catalogue that could not be served and are asked for again.</summary>
    public IReadOnlyList<MissedResults> MissedResults { get; init; } = [];

    /// <summary>The same in the newest format.</summary>
    public StoredPosition Upgraded()
    {
        if (Format >= NewestFormat)
        {
            return this;
        }

        DeadLetterPlace[] places = [.. Missed.Select(LegacySubjectText.PlaceOf)];
        return this with
        {
            Format = NewestFormat,
            Missed = [.. places.OfType<ThreatPlace>().Select(place => place.ToString())],
            MissedResults = [.. places.OfType<PositionGap>().Select(Sessions.MissedResults.Of)],
        };
    }

    public NamedPosition ToNamedPosition() => new()
    {
        Name = Name,
        Phase = Cursor is { Phase: SyncPhase.Following } ? PositionPhase.Following : PositionPhase.Backfill,
        Value = Cursor?.Position,
        Since = Since,
        PagesDone = Cursor is { Phase: SyncPhase.Pages } cursor ? cursor.NextStep : 0,
        Taken = Taken.Count,
        BaseUri = BaseUri,
        UpdatedAt = UpdatedAt,
    };
}
