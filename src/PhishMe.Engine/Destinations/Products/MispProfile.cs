using System.Buffers;
using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>
/// One event for each threat. MISP takes an edit only when it is strictly newer than what it has, and keeps what an edit does not mention: so the event is
/// read first, and what left the threat is marked as deleted. Attributes of analysts are left alone; ours are known by their uuids.
/// </summary>
internal sealed class MispProfile(MispProfile.Options options, DestinationHost host) : IHttpProfile
{
    private const string WithdrawnMark = "[withdrawn] ";

    private readonly MispEventRenderer _renderer = new(options.Event with { Clock = host.Clock });
    private bool _hasWarnedOfPublishing;
    private bool _hasWarnedOfLeftOut;

    public QueueBatch LargestBatch { get; } = new(50);

    public bool RecognizesRepeats => true;

    public bool KeepsState => true;

    public ReadOnlyMemory<byte> Substance(QueueItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return JsonBody.Without(item.Payload, "timestamp");
    }

    public IEnumerable<QueueItem> Compose(Delivery delivery)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        foreach (var threat in options.Retracts ? delivery.Withdrawn : [])
        {
            yield return Item(threat.Id, DeliveryVerb.Retract, "{}"u8.ToArray());
        }

        foreach (var threat in delivery.Threats)
        {
            if (threat.Unit.Model is Threat model && options.Products.Contains(model.Type))
            {
                var output = new ArrayBufferWriter<byte>();
                _renderer.Render(model, output);
                yield return Item(threat.Id, DeliveryVerb.Upsert, output.WrittenMemory);
            }
        }
    }

    /// <summary>The empty answer has what follows noted as ours, so that it is known after a kill. An event with our uuid is ours in any case.</summary>
    public Task<IReadOnlySet<string>?> FindForeignAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlySet<string>?>(new HashSet<string>());

    public Task<BatchAnswer> SendAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken) =>
        SingleCalls.SendAsync(items, (item, token) => item.IsRetraction ? WithdrawAsync(target, item, token) : SendAsync(target, item, token), host.Clock, cancellationToken);

    public async IAsyncEnumerable<CheckResult> CheckAsync(HttpTarget target, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        var json = await target.CallForJsonAsync(HttpCall.Get("/users/view/me.json"), body => body.Object("Role") is not null, cancellationToken).ConfigureAwait(false);
        yield return new CheckResult { Subject = target.Section, Outcome = CheckOutcome.Pass, Message = $"{target.Host} takes the authentication key." };
        var role = json.Object("Role")!.Value;
        if (!Has(role, "perm_add") || !Has(role, "perm_modify"))
        {
            yield return new CheckResult { Subject = target.Section, Outcome = CheckOutcome.Fail, Message = $"The role {role.Text("name")} may not add and modify events." };
            yield break;
        }

        yield return new CheckResult { Subject = target.Section, Outcome = CheckOutcome.Pass, Message = $"The role {role.Text("name")} may add and modify events. Nothing was written." };
        if (!Has(role, "perm_tagger"))
        {
            yield return new CheckResult { Subject = target.Section, Outcome = CheckOutcome.Warn, Message = "The role may not tag: MISP leaves the tags out without a message." };
        }

        if (options.Publishes && !Has(role, "perm_publish"))
        {
            yield return new CheckResult { Subject = target.Section, Outcome = CheckOutcome.Warn, Message = "The role may not publish: events stay unpublished." };
        }
    }

    private static bool Has(JsonElement role, string right) =>
        role.TryGetProperty(right, out var value) && (value.ValueKind == JsonValueKind.True || (value.ValueKind == JsonValueKind.String && value.GetString() == "1"));

    private QueueItem Item(ThreatId threat, DeliveryVerb verb, ReadOnlyMemory<byte> payload) =>
        new() { Destination = host.Id, Verb = verb, Threat = threat, Key = threat.ToString(), Payload = payload };

    private async Task<BatchAnswer> SendAsync(HttpTarget target, PushItem item, CancellationToken cancellationToken)
    {
        using var document = JsonDocument.Parse(item.Payload);
        var threat = item.Item.Threat!.Value;
        var rendered = document.RootElement.GetProperty("Event").Clone();
        if (item.Known?.TargetReference is null)
        {
            var stamp = host.Clock.GetUtcNow().ToUnixTimeSeconds();
            var added = await CallAsync(target, "/events/add", MispEdit.Whole(rendered, stamp), cancellationToken).ConfigureAwait(false);
            if (added.Status != HttpStatusCode.NotFound || added.Location is null)
            {
                return await SavedAsync(target, threat, added, "/events/add", stamp, cancellationToken).ConfigureAwait(false);
            }
        }

        return await EditAsync(target, item, rendered, cancellationToken).ConfigureAwait(false);
    }

    private async Task<BatchAnswer> WithdrawAsync(HttpTarget target, PushItem item, CancellationToken cancellationToken) =>
        await EditAsync(target, item, null, cancellationToken).ConfigureAwait(false);

    /// <param name="target">The server.</param>
    /// <param name="item">The threat.</param>
    /// <param name="rendered">The event as it is to be; null when the threat was withdrawn.</param>
    /// <param name="cancellationToken">Stops it.</param>
    private async Task<BatchAnswer> EditAsync(HttpTarget target, PushItem item, JsonElement? rendered, CancellationToken cancellationToken)
    {
        var threat = item.Item.Threat!.Value;
        var uuid = MispEventRenderer.EventUuid(threat).ToString();
        for (var isRepeated = false; ; isRepeated = true)
        {
            // Deleted attributes, too: one that comes back keeps its uuid.
            var look = HttpCall.Post($"/events/view/{uuid}", "{\"deleted\":[0,1]}"u8.ToArray());
            var found = await target.CallAsync(look, cancellationToken).ConfigureAwait(false);
            if (found.Status == HttpStatusCode.NotFound && found.Json() is not null)
            {
                if (rendered is not JsonElement whole)
                {
                    return BatchAnswer.Accepted(1);
                }

                // Someone deleted it. Where that was meant to last, MISP has it on its block list and says so.
                var first = host.Clock.GetUtcNow().ToUnixTimeSeconds();
                var added = await CallAsync(target, "/events/add", MispEdit.Whole(whole, first), cancellationToken).ConfigureAwait(false);
                return await SavedAsync(target, threat, added, "/events/add", first, cancellationToken).ConfigureAwait(false);
            }

            var stored = target.JsonOf(found, look, json => json.Object("Event") is not null).Object("Event")!.Value;
            var stamp = Math.Max(host.Clock.GetUtcNow().ToUnixTimeSeconds(), 1 + Math.Max(MispEdit.StampOf(stored), LastStampOf(item)));
            var body = rendered is JsonElement now ? MispEdit.Between(threat, stored, now, stamp) : MispEdit.Withdrawn(threat, stored, WithdrawnMark, stamp);
            var answer = await CallAsync(target, $"/events/edit/{uuid}", body, cancellationToken).ConfigureAwait(false);
            if (answer.Status == HttpStatusCode.Forbidden && !isRepeated && answer.Words().Contains("not newer", StringComparison.Ordinal))
            {
                continue; // An analyst changed it in between.
            }

            return await SavedAsync(target, threat, answer, "/events/edit", stamp, cancellationToken).ConfigureAwait(false);
        }
    }

    private static long LastStampOf(PushItem item) =>
        long.TryParse(item.Known?.TargetReference, NumberStyles.None, CultureInfo.InvariantCulture, out var stamp) ? stamp : 0;

    private static async Task<HttpAnswer> CallAsync(HttpTarget target, string path, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        await target.CallAsync(HttpCall.Post(path, body) with { ForbiddenIsAnswer = true }, cancellationToken).ConfigureAwait(false);

    private async Task<BatchAnswer> SavedAsync(HttpTarget target, ThreatId threat, HttpAnswer answer, string path, long stamp, CancellationToken cancellationToken)
    {
        var call = HttpCall.Post(path, default);
        if (!answer.IsSuccess)
        {
            return answer.Json() is not { } refusal ? throw target.NotTheProduct(answer, call)
                : answer.Status == HttpStatusCode.Forbidden && !IsAboutEvent(refusal) ? throw target.CredentialsRefused(answer, call)
                : new BatchAnswer.Refused(answer.Words()) { IsAboutItem = answer.Words().Contains("event blocklist", StringComparison.OrdinalIgnoreCase) };
        }

        var json = target.JsonOf(answer, call, body => body.Object("Event")?.Text("uuid") is not null);
        if (json.TryGetProperty("errors", out var errors) && errors.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
        {
            NoteLeftOut(threat, errors.GetRawText());
        }

        if (options.Publishes)
        {
            await PublishAsync(target, json.Object("Event")!.Value, cancellationToken).ConfigureAwait(false);
        }

        return new BatchAnswer.Judged([ItemAnswer.Accepted with { Reference = stamp.ToString(CultureInfo.InvariantCulture) }]);
    }

    /// <summary>The event counts as delivered: sending it again would not change what MISP refuses of it.</summary>
    private void NoteLeftOut(ThreatId threat, string errors)
    {
        var words = $"{host.Id}: MISP took the event of {threat} but left something out of it: {(errors.Length > 300 ? errors[..300] + "…" : errors)}";
        if (_hasWarnedOfLeftOut)
        {
            host.Log.Warning("{Words}", words);
        }
        else
        {
            _hasWarnedOfLeftOut = true;
            host.Warn($"{words} The log has further events of this run.");
        }
    }

    /// <summary>403 has three meanings: the key is wrong, a right is missing, or the event was not saved or is blocked, which only the words say.</summary>
    private static bool IsAboutEvent(JsonElement refusal) =>
        (refusal.TryGetProperty("saved", out var saved) && saved.ValueKind == JsonValueKind.False)
        || (refusal.Text("message") ?? refusal.Text("name") ?? string.Empty).Contains("block", StringComparison.OrdinalIgnoreCase);

    private async Task PublishAsync(HttpTarget target, JsonElement saved, CancellationToken cancellationToken)
    {
        var id = saved.Text("id") ?? saved.Text("uuid")!;
        var call = HttpCall.Post($"/events/publish/{id}", "{}"u8.ToArray()) with { ForbiddenIsAnswer = true };
        var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccess && !_hasWarnedOfPublishing)
        {
            _hasWarnedOfPublishing = true;
            host.Warn($"{host.Id}: MISP does not publish our events: {answer.Words()}. They are there, unpublished. Check the role of the user.");
        }
    }

    /// <summary>What is made of threats.</summary>
    internal sealed record Options
    {
        public bool Publishes { get; init; }

        /// <summary>Whether withdrawals are passed on.</summary>
        public bool Retracts { get; init; } = true;

        public required IReadOnlySet<ThreatType> Products { get; init; }

        public required MispEventOptions Event { get; init; }
    }
}
