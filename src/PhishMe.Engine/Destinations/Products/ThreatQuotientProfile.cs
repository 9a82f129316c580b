using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>How ThreatQ is spoken to: events and indicators with attributes, and what is looked up before something is posted again.</summary>
internal sealed class ThreatQuotientProfile(ThreatQuotientItems mapping, DestinationHost host, int batchSize) : IHttpProfile
{
    /// <summary>Attributes of one indicator whose prints are kept; beyond that the oldest are forgotten.</summary>
    private const int MostRemembered = 200;

    private IReadOnlyDictionary<string, int> _typeIds = new Dictionary<string, int>();
    private IReadOnlyDictionary<string, int> _statusIds = new Dictionary<string, int>();
    private readonly Dictionary<string, string> _posted = new(StringComparer.Ordinal);
    private bool _hasWarnedOfStatus;

    public QueueBatch LargestBatch { get; } = new(batchSize, 4 * 1024 * 1024);

    public bool RecognizesRepeats => true;

    public bool KeepsState => true;

    public IndicatorChoice Choice => mapping.Choice;

    public IEnumerable<QueueItem> Compose(Delivery delivery) => mapping.Compose(host.Id, delivery);

    /// <summary>The empty answer has what follows noted as ours, so that a run after a kill looks before it posts an event again.</summary>
    public Task<IReadOnlySet<string>?> FindForeignAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlySet<string>?>(new HashSet<string>());

    public async Task PrepareAsync(HttpTarget target, CancellationToken cancellationToken)
    {
        _typeIds = await IdsAsync(target, "/api/indicator/types", cancellationToken).ConfigureAwait(false);
        _statusIds = await IdsAsync(target, "/api/indicator/statuses", cancellationToken).ConfigureAwait(false);
        if (!_statusIds.ContainsKey(mapping.Status) || !_statusIds.ContainsKey("Expired"))
        {
            throw target.Misconfigured(
                $"ThreatQ has no status {(_statusIds.ContainsKey(mapping.Status) ? "Expired" : mapping.Status)}. It has {string.Join(", ", _statusIds.Keys)}. Check status in [{target.Section}].");
        }
    }

    /// <summary>
    /// Events first, because one that is posted again is a second event: what was posted in this run is remembered, whatever becomes of the rest.
    /// </summary>
    public async Task<BatchAnswer> SendAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken)
    {
        var answers = new ItemAnswer?[items.Count];
        int[] indicators = [.. Enumerable.Range(0, items.Count).Where(i => !ThreatQuotientItems.IsEvent(items[i]))];
        int[] events = [.. Enumerable.Range(0, items.Count).Where(i => ThreatQuotientItems.IsEvent(items[i]))];
        if (events.Length > 0)
        {
            var part = await SingleCalls.SendAsync(
                [.. events.Select(i => items[i])], (item, token) => PostEventAsync(target, item, token), host.Clock, cancellationToken).ConfigureAwait(false);
            if (part is not BatchAnswer.Judged judged)
            {
                return part;
            }

            for (var i = 0; i < events.Length; i++)
            {
                answers[events[i]] = judged.Answers[i];
            }
        }

        return indicators.Length > 0 && await ConsumeAsync(target, items, indicators, answers, cancellationToken).ConfigureAwait(false) is BatchAnswer.Refused refused
            ? refused
            : new BatchAnswer.Judged([.. answers.Select(answer => answer!.Value)]);
    }

    public async IAsyncEnumerable<CheckResult> CheckAsync(HttpTarget target, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await PrepareAsync(target, cancellationToken).ConfigureAwait(false);
        yield return new CheckResult { Subject = target.Section, Outcome = CheckOutcome.Pass, Message = $"{target.Host} takes the credentials and has the status {mapping.Status}." };

        string[] unknown = [.. mapping.TypeNames.Where(name => !_typeIds.ContainsKey(name))];
        if (unknown.Length > 0)
        {
            yield return new CheckResult
            {
                Subject = target.Section,
                Outcome = CheckOutcome.Warn,
                Message = $"ThreatQ has no indicator type {string.Join(", ", unknown)}; such indicators become dead letters.",
            };
        }

        // No indicators: the rights are looked at, and nothing is written.
        var call = Consume("[]"u8.ToArray());
        var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
        if (answer.Json() is null)
        {
            throw target.NotTheProduct(answer, call);
        }

        yield return new CheckResult { Subject = target.Section, Outcome = CheckOutcome.Pass, Message = "The account may add indicators. Nothing was written." };
    }

    private static HttpCall Consume(ReadOnlyMemory<byte> body) => HttpCall.Post("/api/indicators/consume?normalize=Y", body);

    private static async Task<Dictionary<string, int>> IdsAsync(HttpTarget target, string path, CancellationToken cancellationToken)
    {
        var json = await target.CallForJsonAsync(HttpCall.Get(path), answer => answer.List("data") is not null, cancellationToken).ConfigureAwait(false);
        var ids = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in json.List("data")!)
        {
            if (entry.Text("name") is string name && entry.Number("id") is int id)
            {
                ids[name] = id;
            }
        }

        return ids;
    }

    /// <returns>Null when the answers were filled in.</returns>
    private async Task<BatchAnswer?> ConsumeAsync(
        HttpTarget target, IReadOnlyList<PushItem> items, int[] places, ItemAnswer?[] answers, CancellationToken cancellationToken)
    {
        var posts = new List<Post>();
        foreach (var place in places)
        {
            using var document = JsonDocument.Parse(items[place].Payload);
            var payload = document.RootElement.Clone();
            if (payload.TryGetProperty("kept", out _))
            {
                answers[place] = ItemAnswer.Accepted;
            }
            else if (_typeIds.TryGetValue(payload.Text("type")!, out var typeId))
            {
                posts.Add(new Post(place, payload, typeId, _statusIds[payload.Text("status")!]));
            }
            else
            {
                answers[place] = ItemAnswer.Rejected($"ThreatQ has no indicator type {payload.Text("type")}.");
            }
        }

        // Of equal values in one request only the last status counts: so each goes out once, with the status of its last item and all attributes.
        Post[][] values = [.. posts.GroupBy(post => post.Key).Select(group => group.ToArray())];
        if (values.Length == 0)
        {
            return null;
        }

        var known = await host.Ledger.GetAsync([.. values.Select(value => value[0].Key)], cancellationToken).ConfigureAwait(false);
        var prints = values.ToDictionary(value => value[0].Key, value => known.TryGetValue(value[0].Key, out var entry) ? entry.TargetReference!.Split(' ') : []);
        var call = Consume(JsonBody.Of(writer =>
        {
            writer.WriteStartArray();
            foreach (var value in values)
            {
                Write(writer, value, prints[value[0].Key]);
            }

            writer.WriteEndArray();
        }));
        var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
        if (answer is { IsSuccess: false } && answer.Json() is not null)
        {
            return new BatchAnswer.Refused(answer.Words());
        }

        var json = target.JsonOf(answer, call, body => body.List("data") is not null);
        Judge(values, json, answers);
        await RememberAsync(values.Where(value => answers[value[0].Place]!.Value.Outcome.Kind == SendOutcomeKind.Accepted), prints, cancellationToken).ConfigureAwait(false);
        return null;
    }

    private static void Write(Utf8JsonWriter writer, Post[] value, string[] known)
    {
        var last = value[^1];
        writer.WriteStartObject();
        writer.WriteString("value", last.Value);
        writer.WriteNumber("type_id", last.TypeId);
        writer.WriteNumber("status_id", last.StatusId);
        writer.WriteString("class", last.Payload.Text("class"));
        writer.WritePropertyName("sources");
        last.Payload.GetProperty("sources").WriteTo(writer);
        writer.WriteStartArray("attributes");
        foreach (var attribute in value.SelectMany(post => post.Attributes).DistinctBy(PrintOf).Where(attribute => !known.Contains(PrintOf(attribute))))
        {
            attribute.WriteTo(writer);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Which attributes of a value ThreatQ has of us, whatever threat they came with.</summary>
    private Task RememberAsync(IEnumerable<Post[]> values, IReadOnlyDictionary<string, string[]> prints, CancellationToken cancellationToken)
    {
        var now = host.Clock.GetUtcNow();
        var entries = new List<LedgerEntry>();
        foreach (var value in values)
        {
            var known = prints[value[0].Key];
            string[] all = [.. known.Union(value.SelectMany(post => post.Attributes).Select(PrintOf)).TakeLast(MostRemembered)];
            if (all.Length > 0 && !all.SequenceEqual(known))
            {
                entries.Add(new LedgerEntry { Destination = host.Id, Key = value[0].Key, Fingerprint = "attributes", TargetReference = string.Join(' ', all), SentAt = now });
            }
        }

        return entries.Count == 0 ? Task.CompletedTask : host.Ledger.UpdateAsync(entries, [], cancellationToken);
    }

    /// <summary>An item may be refused inside an answer of success, by its place.</summary>
    private void Judge(Post[][] values, JsonElement json, ItemAnswer?[] answers)
    {
        var kept = new Dictionary<(int, string), JsonElement>();
        foreach (var entry in json.List("data")!)
        {
            if (entry.Text("value") is string value && entry.Number("type_id") is int type)
            {
                kept[(type, value)] = entry;
            }
        }

        var otherwise = 0;
        for (var i = 0; i < values.Length; i++)
        {
            var last = values[i][^1];
            var isKept = kept.TryGetValue((last.TypeId, last.Value), out var entry);
            otherwise += isKept && entry.Number("status_id") is int status && status != last.StatusId ? 1 : 0;
            foreach (var post in values[i])
            {
                answers[post.Place] = isKept || ErrorOf(json, i) is not string error ? ItemAnswer.Accepted : ItemAnswer.Rejected(error);
            }
        }

        NoteOtherStatuses(otherwise);
    }

    /// <summary>A status that analysts protect stays. That is no failure, and sending again would not change it.</summary>
    private void NoteOtherStatuses(int count)
    {
        if (count == 0)
        {
            return;
        }

        var words = FormattableString.Invariant($"{host.Id}: ThreatQ decided otherwise about the status of {count} indicator(s) and keeps its own");
        host.Log.Information("{Words}", words);
        if (!_hasWarnedOfStatus)
        {
            _hasWarnedOfStatus = true;
            host.Warn($"{words}. Look for statuses that are protected there; the log has the numbers of later requests.");
        }
    }

    private static string? ErrorOf(JsonElement json, int place)
    {
        var index = place.ToString(CultureInfo.InvariantCulture);
        return json.TryGetProperty("errors", out var errors) ? errors.ValueKind switch
        {
            JsonValueKind.Object when errors.TryGetProperty(index, out var words) => words.ToString(),
            JsonValueKind.Array when place < errors.GetArrayLength() && errors[place].ValueKind != JsonValueKind.Null => errors[place].ToString(),
            _ => null,
        } : null;
    }

    private async Task<BatchAnswer> PostEventAsync(HttpTarget target, PushItem item, CancellationToken cancellationToken)
    {
        // ThreatQ has the event; a second one would not replace it. One that was about to be posted when a run was killed may be there.
        var known = item.Known?.TargetReference ?? _posted.GetValueOrDefault(item.Key)
            ?? (item.Known is null ? null : await FindEventAsync(target, item, cancellationToken).ConfigureAwait(false));
        if (known is not null)
        {
            return new BatchAnswer.Judged([ItemAnswer.Accepted with { Reference = known }]);
        }

        var call = HttpCall.Post("/api/events", item.Payload) with { IsLookedAfter = true };
        HttpAnswer answer;
        try
        {
            answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
        }
        catch (TargetStoppedException exception) when (exception.IsAnswerLost)
        {
            if (await FindEventAsync(target, item, cancellationToken).ConfigureAwait(false) is string found)
            {
                return new BatchAnswer.Judged([ItemAnswer.Accepted with { Reference = found }]);
            }

            answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
        }

        if (answer.Json() is not { ValueKind: JsonValueKind.Object } json)
        {
            throw target.NotTheProduct(answer, call);
        }

        if (!answer.IsSuccess || HasErrors(json) || (json.TryGetProperty("data", out var data) && HasErrors(data)))
        {
            return new BatchAnswer.Refused(answer.Words());
        }

        if (json.List("data") is not [var first, ..] || first.Number("id") is not int id)
        {
            throw target.NotTheProduct(answer, call);
        }

        _posted[item.Key] = id.ToString(CultureInfo.InvariantCulture);
        return new BatchAnswer.Judged([ItemAnswer.Accepted with { Reference = _posted[item.Key] }]);
    }

    /// <summary>The number of the event with this title, which names the threat.</summary>
    private static async Task<string?> FindEventAsync(HttpTarget target, PushItem item, CancellationToken cancellationToken)
    {
        using var document = JsonDocument.Parse(item.Payload);
        var title = document.RootElement.Text("title")!;
        var json = await target.CallForJsonAsync(
            HttpCall.Get($"/api/events?limit=10&title={Uri.EscapeDataString(title)}"), body => body.List("data") is not null, cancellationToken).ConfigureAwait(false);
        return json.List("data")!.Where(found => found.Text("title") == title).Select(found => found.Number("id")).FirstOrDefault()?.ToString(CultureInfo.InvariantCulture);
    }

    private static bool HasErrors(JsonElement json) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty("errors", out var errors) && errors.ValueKind switch
    {
        JsonValueKind.Array => errors.GetArrayLength() > 0,
        JsonValueKind.Object => errors.EnumerateObject().Any(),
        JsonValueKind.String => true,
        _ => false,
    };

    private static string PrintOf(JsonElement attribute) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes($"{attribute.Text("name")}\n{attribute.Text("value")}"))[..6]);

    /// <param name="Place">In the batch.</param>
    /// <param name="Payload">As composed.</param>
    /// <param name="TypeId">ThreatQ's number of the type.</param>
    /// <param name="StatusId">ThreatQ's number of the status.</param>
    private sealed record Post(int Place, JsonElement Payload, int TypeId, int StatusId)
    {
        public string Value => Payload.Text("value")!;

        /// <summary>Under which the ledger has the attributes of the value.</summary>
        public string Key => $"attributes/{Payload.Text("type")}/{Value}";

        public IReadOnlyList<JsonElement> Attributes => Payload.List("attributes")!;
    }
}
