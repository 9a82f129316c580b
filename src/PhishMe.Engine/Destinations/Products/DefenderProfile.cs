using System.Runtime.CompilerServices;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>
/// A tenant has room for 15,000 indicators of all sources. Of ours the most severe and newest are there; the others wait in the ledger until there is room. An
/// import replaces whatever has the value, whoever made it: so all entries are read first, and those of others are left alone.
/// </summary>
internal sealed class DefenderProfile(DefenderIndicators mapping, int most, DestinationHost host) : IHttpProfile
{
    /// <summary>Of a tenant. It cannot be raised.</summary>
    public const int Ceiling = 15_000;

    private const int Batch = 500;

    private readonly Dictionary<string, DefenderEntry> _ours = new(StringComparer.Ordinal);
    private DefenderTenant? _tenant;
    private bool _hasWarned;

    public QueueBatch LargestBatch { get; } = new(Batch, 4 * 1024 * 1024);

    public IndicatorChoice Choice => mapping.Choice;

    public bool RecognizesRepeats => true;

    public bool KeepsState => true;

    /// <summary>The item that ends a run goes alone: what becomes of it says nothing about indicators.</summary>
    public string LotOf(PushItem item) => item.Key.Length == 0 ? "end of run" : "indicators";

    public IEnumerable<QueueItem> Compose(Delivery delivery) => mapping.Compose(host.Id, delivery);

    public IEnumerable<QueueItem> ComposeEndOfRun() => [new QueueItem { Destination = host.Id, Payload = "over"u8.ToArray() }];

    public ReadOnlyMemory<byte> Substance(QueueItem item) => mapping.Substance(item);

    public async Task<IReadOnlySet<string>?> FindForeignAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(items);
        if (items.All(item => item.Key.Length == 0))
        {
            return new HashSet<string>();
        }

        var tenant = await LoadAsync(target, cancellationToken).ConfigureAwait(false);
        var foreign = items.Where(item => item.Key.Length > 0 && tenant.IsOfOthers(DefenderEntry.ValueOf(item.Payload)))
            .Select(item => item.Key).ToHashSet(StringComparer.Ordinal);
        if (foreign.Count > 0)
        {
            host.Log.Information("{Destination}: {Count} indicator(s) are in Defender already, made by someone else. They are left as they are", host.Id.ToString(), foreign.Count);
        }

        return foreign;
    }

    public async Task<BatchAnswer> SendAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(items);
        if (items[0].Key.Length == 0)
        {
            await DropOverAsync(target, cancellationToken).ConfigureAwait(false);
            return BatchAnswer.Accepted(items.Count);
        }

        var tenant = await LoadAsync(target, cancellationToken).ConfigureAwait(false);
        var answers = new ItemAnswer?[items.Count];
        await TakeBackAsync(target, tenant, items, answers, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < items.Count; i++)
        {
            if (answers[i] is null)
            {
                // A value that an analyst allowed meanwhile, or put there while ours waited, is theirs now.
                if (IsTheirs(tenant, items[i]))
                {
                    _ours.Remove(items[i].Key);
                    answers[i] = ItemAnswer.Accepted with { IsForeign = true };
                }
                else
                {
                    _ours[items[i].Key] = new DefenderEntry(items[i].Key, _ours.GetValueOrDefault(items[i].Key)?.Id ?? tenant.IdOf(DefenderEntry.ValueOf(items[i].Payload)), items[i].Payload);
                }
            }
        }

        var kept = await MakeRoomAsync(target, tenant, cancellationToken).ConfigureAwait(false);
        int[] places = [.. Enumerable.Range(0, items.Count).Where(i => answers[i] is null && kept.Contains(items[i].Key))];
        if (await ImportAsync(target, tenant, items, places, answers, cancellationToken).ConfigureAwait(false) is BatchAnswer.Refused refused)
        {
            foreach (var place in places)
            {
                _ours.Remove(items[place].Key);
            }

            return refused;
        }

        for (var i = 0; i < items.Count; i++)
        {
            answers[i] ??= Stored(_ours[items[i].Key] = _ours[items[i].Key] with { Id = null });
        }

        await BringBackAsync(target, tenant, kept, cancellationToken).ConfigureAwait(false);
        return ItemVerdicts.Of([.. answers.Select(answer => answer!.Value)], host.Clock);
    }

    public async IAsyncEnumerable<CheckResult> CheckAsync(HttpTarget target, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        var tenant = await DefenderTenant.ReadAsync(target, host.Clock.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        yield return new CheckResult
        {
            Subject = target.Section,
            Outcome = CheckOutcome.Pass,
            Message = FormattableString.Invariant($"{target.Host} takes the token. The tenant has {tenant.Active} of {Ceiling} indicators."),
        };
        await DefenderTenant.ProveRightAsync(target, cancellationToken).ConfigureAwait(false);
        yield return new CheckResult { Subject = target.Section, Outcome = CheckOutcome.Pass, Message = "The application may write indicators. Nothing was written." };
    }

    private static ItemAnswer Stored(DefenderEntry entry) => ItemAnswer.Accepted with { Reference = entry.Reference, ExpiresAt = entry.End };

    private LedgerEntry Kept(DefenderEntry entry, string fingerprint) => new()
    {
        Destination = host.Id,
        Key = entry.Key,
        Fingerprint = fingerprint,
        TargetReference = entry.Reference,
        ExpiresAt = entry.End,
        SentAt = host.Clock.GetUtcNow(),
    };

    /// <summary>What the ledger and the tenant have. Once per run.</summary>
    private async Task<DefenderTenant> LoadAsync(HttpTarget target, CancellationToken cancellationToken)
    {
        if (_tenant is not null)
        {
            return _tenant;
        }

        var tenant = await DefenderTenant.ReadAsync(target, host.Clock.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        foreach (var entry in await host.Ledger.GetExpiringAsync(null, int.MaxValue, cancellationToken).ConfigureAwait(false))
        {
            if (entry.TargetReference is string reference)
            {
                _ours[entry.Key] = DefenderEntry.Of(entry.Key, reference);
            }
        }

        tenant.Claim(_ours.Values.Where(entry => entry.Id is not null).Select(entry => entry.Id!));
        return _tenant = tenant;
    }

    private static bool IsTheirs(DefenderTenant tenant, PushItem item)
    {
        var value = DefenderEntry.ValueOf(item.Payload);
        return tenant.IsAllowed(value)
            || (item.Known?.TargetReference is string reference && DefenderEntry.Of(item.Key, reference).Id is null && tenant.IsOfOthers(value));
    }

    private async Task TakeBackAsync(HttpTarget target, DefenderTenant tenant, IReadOnlyList<PushItem> items, ItemAnswer?[] answers, CancellationToken cancellationToken)
    {
        var gone = new List<string>();
        for (var i = 0; i < items.Count; i++)
        {
            if (!items[i].IsRetraction)
            {
                continue;
            }

            var (key, value) = (items[i].Key, DefenderEntry.ValueOf(items[i].Payload));
            // Of one that was being sent when a run was killed only the tenant knows the id.
            var id = _ours.TryGetValue(key, out var entry) ? entry.Id : items[i].Known is { TargetReference: null } ? tenant.IdOf(value) : null;
            if (id is not null && !tenant.IsAllowed(value))
            {
                gone.Add(id);
            }

            _ours.Remove(key);
            answers[i] = ItemAnswer.Accepted;
        }

        await tenant.DeleteAsync(target, gone, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Who stays, and takes the others out.</summary>
    private async Task<HashSet<string>> MakeRoomAsync(HttpTarget target, DefenderTenant tenant, CancellationToken cancellationToken)
    {
        var room = Math.Max(0, Math.Min(most, Ceiling - tenant.OfOthers));
        if (_ours.Count <= room)
        {
            return [.. _ours.Keys];
        }

        DefenderEntry[] byWorth = [.. DefenderEntry.ByWorth(_ours.Values)];
        HashSet<string> kept = [.. byWorth.Take(room).Select(entry => entry.Key)];
        Warn(room, byWorth.Length, room > 0 ? byWorth[room - 1] : null);
        DefenderEntry[] evicted = [.. byWorth.Skip(room).Where(entry => entry.Id is not null)];
        await tenant.DeleteAsync(target, [.. evicted.Where(entry => !tenant.IsAllowed(entry.Value)).Select(entry => entry.Id!)], cancellationToken).ConfigureAwait(false);
        await NoteAsync(evicted.Select(entry => entry with { Id = null }), cancellationToken).ConfigureAwait(false);
        return kept;
    }

    private void Warn(int room, int wanted, DefenderEntry? last)
    {
        if (!_hasWarned)
        {
            _hasWarned = true;
            var least = last is null ? string.Empty : $"; the least of them ends {IndicatorValidity.Text(last.End)}";
            host.Warn(FormattableString.Invariant($"{host.Id}: there is room for {room} of {wanted} indicators or more. ")
                + $"The most severe stay, of equal ones those that end latest{least}. The others wait for room. Raise minimum_impact or lower retention_days for fewer.");
        }
    }

    /// <summary>Changes entries beside those of the batch. The fingerprint stays: what waits unchanged is not sent when it is delivered again.</summary>
    private async Task NoteAsync(IEnumerable<DefenderEntry> entries, CancellationToken cancellationToken)
    {
        var changed = entries.ToDictionary(entry => entry.Key, StringComparer.Ordinal);
        if (changed.Count == 0)
        {
            return;
        }

        var known = await host.Ledger.GetAsync(changed.Keys, cancellationToken).ConfigureAwait(false);
        await host.Ledger.UpdateAsync([.. changed.Values.Where(entry => known.ContainsKey(entry.Key)).Select(entry => Kept(entry, known[entry.Key].Fingerprint))], [], cancellationToken).ConfigureAwait(false);
        foreach (var entry in changed.Values)
        {
            _ours[entry.Key] = entry;
        }
    }

    /// <returns>Null when the answers were filled in.</returns>
    private async Task<BatchAnswer?> ImportAsync(
        HttpTarget target, DefenderTenant tenant, IReadOnlyList<PushItem> items, int[] places, ItemAnswer?[] answers, CancellationToken cancellationToken)
    {
        if (places.Length == 0)
        {
            return null;
        }

        var (refused, results) = await tenant.ImportAsync(target, [.. places.Select(place => _ours[items[place].Key])], cancellationToken).ConfigureAwait(false);
        if (refused is not null)
        {
            return refused;
        }

        for (var i = 0; i < places.Length; i++)
        {
            var key = items[places[i]].Key;
            var result = results[i];
            if (result.Id is not null)
            {
                answers[places[i]] = Stored(_ours[key] = _ours[key] with { Id = result.Id });
            }
            else if (!result.IsFull)
            {
                _ours.Remove(key);
                answers[places[i]] = ItemAnswer.Rejected(result.Reason!);
            }
        }

        return null;
    }

    /// <summary>What waited and has room now. The ledger says so first: after a kill it is known as ours.</summary>
    private async Task BringBackAsync(HttpTarget target, DefenderTenant tenant, HashSet<string> kept, CancellationToken cancellationToken)
    {
        var now = host.Clock.GetUtcNow();
        DefenderEntry[] waiting = [.. _ours.Values.Where(entry => entry.Id is null && kept.Contains(entry.Key) && entry.End > now && !tenant.IsOfOthers(entry.Value) && !tenant.IsFull)];
        foreach (var chunk in DefenderEntry.ByWorth(waiting).Chunk(Batch))
        {
            var (refused, results) = await tenant.ImportAsync(target, chunk, cancellationToken).ConfigureAwait(false);
            if (refused is not null)
            {
                return;
            }

            await NoteAsync(chunk.Zip(results).Where(pair => pair.Second.Id is not null).Select(pair => pair.First with { Id = pair.Second.Id }), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Defender drops by itself what is over. That makes room.</summary>
    private async Task DropOverAsync(HttpTarget target, CancellationToken cancellationToken)
    {
        var over = await host.Ledger.GetExpiringAsync(host.Clock.GetUtcNow(), int.MaxValue, cancellationToken).ConfigureAwait(false);
        if (over.Count == 0)
        {
            return;
        }

        await host.Ledger.UpdateAsync([], [.. over.Select(entry => entry.Key)], cancellationToken).ConfigureAwait(false);
        var tenant = await LoadAsync(target, cancellationToken).ConfigureAwait(false);
        foreach (var entry in over)
        {
            _ours.Remove(entry.Key);
        }

        await BringBackAsync(target, tenant, await MakeRoomAsync(target, tenant, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
    }
}
