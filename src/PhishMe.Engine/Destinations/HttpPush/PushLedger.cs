using System.Security.Cryptography;
using PhishMe.Engine.Storage;

namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>
/// What a product that keeps state has of us. What it has already is not sent again, what we did not put there is not taken back, and of several versions of
/// one thing only the newest is sent. It is written before the items leave the queue: a run that is killed in between repeats nothing.
/// </summary>
/// <param name="ledger">The entries of the destination.</param>
/// <param name="profile">Says what counts as a change, and how long an entry lives.</param>
/// <param name="clock">The clock of the entries.</param>
internal sealed class PushLedger(IDestinationLedger ledger, IHttpProfile profile, TimeProvider clock)
{
    /// <summary>No fingerprint: it was about to be sent when the run ended. It is ours, and it is sent again.</summary>
    private const string Intended = "";

    /// <summary>What of a batch has to be sent.</summary>
    /// <returns>Places in the batch, and the items with what is known of them.</returns>
    public async Task<(int Place, PushItem Item)[]> ChooseAsync(IReadOnlyList<QueueItem> items, CancellationToken cancellationToken)
    {
        var known = await ledger.GetAsync(items.Select(item => item.Key).ToHashSet(StringComparer.Ordinal), cancellationToken).ConfigureAwait(false);
        var newest = new Dictionary<string, int>(StringComparer.Ordinal);
        var takenBack = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < items.Count; i++)
        {
            newest[items[i].Key] = i;
            if (items[i].Verb == DeliveryVerb.Retract)
            {
                takenBack.Add(items[i].Key);
            }
        }

        return
        [
            .. from place in Enumerable.Range(0, items.Count)
               let item = items[place]
               where item.Key.Length == 0 || newest[item.Key] == place
               let entry = known.GetValueOrDefault(item.Key)
               // A run that was killed may have taken it back already: then the ledger says what was there before.
               where item.Key.Length == 0 || IsNeeded(item, entry) || (item.Verb == DeliveryVerb.Upsert && takenBack.Contains(item.Key))
               select (place, new PushItem(item, entry)),
        ];
    }

    /// <summary>Says that these are about to be put there by us: what is found there after a kill is ours, and is taken back when that is the next word.</summary>
    public Task IntendAsync(IEnumerable<PushItem> items, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        LedgerEntry[] entries =
        [
            .. items.Where(item => item.Known is null && !item.IsRetraction && item.Key.Length > 0).Select(item => Entry(item, Intended, null, null, now)),
        ];
        return entries.Length == 0 ? Task.CompletedTask : ledger.UpdateAsync(entries, [], cancellationToken);
    }

    /// <summary>Says what the product has now.</summary>
    public Task RecordAsync(IEnumerable<(PushItem Item, ItemAnswer Answer)> answered, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var changed = new List<LedgerEntry>();
        var removed = new List<string>();
        foreach (var (item, answer) in answered)
        {
            if (item.Key.Length == 0 || answer.Outcome.Kind != SendOutcomeKind.Accepted)
            {
                continue;
            }

            if (item.IsRetraction || answer.IsForeign)
            {
                // The intention goes, too, when the entry is someone else's.
                removed.Add(item.Key);
            }
            else
            {
                changed.Add(Entry(item, Fingerprint(item.Item), answer.Reference ?? item.Known?.TargetReference, answer.ExpiresAt ?? now + profile.Lifetime, now));
            }
        }

        return changed.Count + removed.Count == 0 ? Task.CompletedTask : ledger.UpdateAsync(changed, removed, cancellationToken);
    }

    private bool IsNeeded(QueueItem item, LedgerEntry? entry) => item.Verb switch
    {
        // Republished in the second half of its life: renewed, so that the product does not drop what is still live.
        DeliveryVerb.Upsert => entry is null || entry.Fingerprint != Fingerprint(item)
            || (profile.Lifetime is TimeSpan lifetime && entry.ExpiresAt - clock.GetUtcNow() < lifetime / 2),
        DeliveryVerb.Retract => entry is not null,
        _ => throw new ArgumentOutOfRangeException(nameof(item), item.Verb, "There is no rule for this verb."),
    };

    private string Fingerprint(QueueItem item) => Convert.ToHexStringLower(SHA256.HashData(profile.Substance(item).Span));

    private static LedgerEntry Entry(PushItem item, string fingerprint, string? reference, DateTimeOffset? expiresAt, DateTimeOffset now) => new()
    {
        Destination = item.Item.Destination,
        Key = item.Key,
        Fingerprint = fingerprint,
        TargetReference = reference,
        ExpiresAt = expiresAt,
        SentAt = now,
    };
}
