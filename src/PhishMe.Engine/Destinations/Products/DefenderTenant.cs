using System.Net;
using System.Text.Json;
using PhishMe.Engine.Destinations.HttpPush;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>The indicators of a tenant, ours and those of others, and the calls that change ours.</summary>
internal sealed class DefenderTenant
{
    private const string Path = "/api/indicators";
    private const int LargestPage = 10_000;
    private const int Batch = 500;
    private static readonly string[] _wordsOfFull = ["limit", "maximum", "exceed", "capacity", "quota"];

    private readonly Dictionary<string, (string Id, string? Action)> _held = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _oursById = new(StringComparer.Ordinal);

    /// <summary>Entries that have not ended.</summary>
    public int Active => _held.Count;

    /// <summary>Of them those that others made.</summary>
    public int OfOthers => _held.Values.Count(entry => !_oursById.Contains(entry.Id));

    /// <summary>Whether Defender said that it has no more room.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Reads them all.</summary>
    /// <exception cref="TargetStoppedException">They cannot be read.</exception>
    public static async Task<DefenderTenant> ReadAsync(HttpTarget target, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        var tenant = new DefenderTenant();
        var count = 0;
        var next = (string?)Path;
        while (next is not null)
        {
            var json = await target.CallForJsonAsync(HttpCall.Get(next), answer => answer.List("value") is not null, cancellationToken).ConfigureAwait(false);
            var page = json.List("value")!;
            count += page.Count;
            foreach (var entry in page)
            {
                tenant.Add(entry, now);
            }

            next = json.Text("@odata.nextLink") is string link && Uri.TryCreate(link, UriKind.Absolute, out var uri) ? uri.PathAndQuery
                : page.Count >= LargestPage ? FormattableString.Invariant($"{Path}?$skip={count}")
                : null;
        }

        return tenant;
    }

    /// <summary>The deletion of an id that cannot exist needs the right to write, and changes nothing.</summary>
    /// <exception cref="TargetStoppedException">The right is missing.</exception>
    public static async Task ProveRightAsync(HttpTarget target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        var call = HttpCall.Delete($"{Path}/0");
        var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
        if (answer.IsSuccess || answer.Json()?.Object("error") is null)
        {
            throw target.NotTheProduct(answer, call);
        }
    }

    /// <summary>Says which entries are ours.</summary>
    public void Claim(IEnumerable<string> ids) => _oursById.UnionWith(ids);

    /// <summary>Whether someone else has this value.</summary>
    public bool IsOfOthers(string key) => _held.TryGetValue(key, out var entry) && !_oursById.Contains(entry.Id);

    /// <summary>Whether the value is allowed, which none of ours ever is: an analyst turned it.</summary>
    public bool IsAllowed(string key) => _held.TryGetValue(key, out var entry) && entry.Action is "Allowed" or "Allow";

    /// <summary>Defender's id of a value; null when it is not there.</summary>
    public string? IdOf(string key) => _held.TryGetValue(key, out var entry) ? entry.Id : null;

    /// <summary>Deletes entries of ours. What is gone already counts as deleted.</summary>
    /// <exception cref="TargetStoppedException">Defender cannot.</exception>
    public async Task DeleteAsync(HttpTarget target, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        foreach (var chunk in ids.Chunk(Batch))
        {
            var call = HttpCall.Post($"{Path}/BatchDelete", JsonBody.OfObject(writer =>
            {
                writer.WriteStartArray("IndicatorIds");
                foreach (var id in chunk)
                {
                    writer.WriteStringValue(id);
                }

                writer.WriteEndArray();
            }));
            var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
            if (answer.Status is HttpStatusCode.NotFound or HttpStatusCode.BadRequest && answer.Json()?.Object("error") is not null)
            {
                // One of them is unknown, and none was deleted.
                foreach (var id in chunk)
                {
                    await DeleteAsync(target, id, cancellationToken).ConfigureAwait(false);
                }
            }
            else if (answer.Status != HttpStatusCode.NoContent)
            {
                throw target.NotTheProduct(answer, call);
            }

            foreach (var (key, _) in _held.Where(entry => chunk.Contains(entry.Value.Id)).ToArray())
            {
                _held.Remove(key);
            }
        }
    }

    /// <summary>Adds or replaces entries.</summary>
    /// <returns>Why the request as a whole was refused, or what became of each entry, in order.</returns>
    /// <exception cref="TargetStoppedException">Defender cannot.</exception>
    public async Task<(BatchAnswer.Refused? Refused, IReadOnlyList<DefenderResult> Results)> ImportAsync(
        HttpTarget target, IReadOnlyList<DefenderEntry> entries, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(entries);
        var call = HttpCall.Post($"{Path}/import", JsonBody.OfObject(writer =>
        {
            writer.WriteStartArray("Indicators");
            foreach (var entry in entries)
            {
                writer.WriteRawValue(entry.Payload.Span);
            }

            writer.WriteEndArray();
        }));
        var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccess && answer.Json() is not null)
        {
            return (new BatchAnswer.Refused(answer.Words()), []);
        }

        var json = target.JsonOf(answer, call, body => body.List("value")?.Count == entries.Count);
        var results = json.List("value")!.Select(Result).ToArray();
        for (var i = 0; i < results.Length; i++)
        {
            if (results[i].Id is string id)
            {
                _held[entries[i].Value] = (id, null);
                _oursById.Add(id);
            }

            IsFull |= results[i].IsFull;
        }

        return (null, results);
    }

    private static DefenderResult Result(JsonElement result)
    {
        var isFailed = result.TryGetProperty("isFailed", out var failed) && failed.ValueKind == JsonValueKind.True;
        var reason = result.Text("failureReason") ?? "Refused without a reason.";
        return isFailed || IdOf(result) is not string id
            ? new DefenderResult(null, reason, Array.Exists(_wordsOfFull, word => reason.Contains(word, StringComparison.OrdinalIgnoreCase)))
            : new DefenderResult(id, null, false);
    }

    private static string? IdOf(JsonElement entry) => entry.Text("id") ?? (entry.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.Number ? id.GetRawText() : null);

    private static async Task DeleteAsync(HttpTarget target, string id, CancellationToken cancellationToken)
    {
        var call = HttpCall.Delete($"{Path}/{Uri.EscapeDataString(id)}");
        var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccess && (answer.Status != HttpStatusCode.NotFound || answer.Json()?.Object("error") is null))
        {
            throw target.NotTheProduct(answer, call);
        }
    }

    private void Add(JsonElement entry, DateTimeOffset now)
    {
        if (entry.Text("indicatorValue") is not string value || entry.Text("indicatorType") is not string type || IdOf(entry) is not string id)
        {
            return;
        }

        var isOver = entry.TryGetProperty("expirationTime", out var end) && end.ValueKind == JsonValueKind.String && end.TryGetDateTimeOffset(out var time) && time <= now;
        if (!isOver)
        {
            _held[$"{type}/{value}"] = (id, entry.Text("action"));
        }
    }
}
