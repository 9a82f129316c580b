using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>
/// Writes documents by <c>_bulk</c>. An id is unique in one index only: so the ledger has the index that each document stands in, and after a rollover a
/// document is changed and removed where it is.
/// </summary>
internal sealed class ElasticProfile(ElasticDocuments documents, ElasticProfile.Options options, DestinationHost host) : IHttpProfile
{
    /// <summary>Documents that one run renews or removes because of their age; the next run goes on.</summary>
    private const int MostDue = 5000;

    private const int DuePerCall = 500;
    private static readonly TimeSpan _firstWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _longestWait = TimeSpan.FromMinutes(5);

    private HashSet<string>? _indices;

    public QueueBatch LargestBatch { get; } = new(500, 4 * 1024 * 1024);

    public IndicatorChoice Choice => documents.Choice;

    public bool RecognizesRepeats => true;

    public bool KeepsState => true;

    /// <summary>The item that ends a run goes alone: what becomes of it says nothing about documents.</summary>
    public string LotOf(PushItem item) => item.Key.Length == 0 ? "end of run" : "documents";

    public IEnumerable<QueueItem> Compose(Delivery delivery) => documents.Compose(host.Id, delivery);

    public IEnumerable<QueueItem> ComposeEndOfRun() => [new QueueItem { Destination = host.Id, Payload = "due"u8.ToArray() }];

    public ReadOnlyMemory<byte> Substance(QueueItem item) => documents.Substance(item);

    /// <summary>Ids are our own. The empty answer has them noted as such, so that a run after a kill knows that a document may be there.</summary>
    public Task<IReadOnlySet<string>?> FindForeignAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlySet<string>?>(new HashSet<string>());

    public async Task<BatchAnswer> SendAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(items);
        var answers = new ItemAnswer[items.Count];
        var actions = new List<Action>();
        if (items.Any(item => item.Key.Length > 0))
        {
            await ResolveAsync(target, cancellationToken).ConfigureAwait(false);
        }

        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].Key.Length == 0)
            {
                await RenewAsync(target, cancellationToken).ConfigureAwait(false);
                answers[i] = ItemAnswer.Accepted;
            }
            else
            {
                AddActions(actions, i, items[i]);
            }
        }

        if (actions.Count == 0)
        {
            return new BatchAnswer.Judged(answers);
        }

        var call = Bulk(actions, items);
        var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccess && answer.Json() is not null)
        {
            return new BatchAnswer.Refused(answer.Words()) { IsAboutItem = answer.Status == HttpStatusCode.RequestEntityTooLarge };
        }

        var results = target.JsonOf(answer, call, json => json.List("items")?.Count == actions.Count).List("items")!;
        return Judge(target, items, actions, results, answers);
    }

    public async IAsyncEnumerable<CheckResult> CheckAsync(HttpTarget target, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        await ResolveAsync(target, cancellationToken).ConfigureAwait(false);
        yield return new CheckResult
        {
            Subject = target.Section,
            Outcome = CheckOutcome.Pass,
            Message = _indices!.Count == 0
                ? $"{target.Host} takes the credentials. {options.Index} does not exist yet; the first write creates it."
                : _indices.Contains(options.Index)
                ? $"{target.Host} takes the credentials. The index {options.Index} exists."
                : $"{target.Host} takes the credentials. {options.Index} is an alias of {string.Join(", ", _indices.Order(StringComparer.Ordinal))}.",
        };

        // The deletion of an id that cannot exist needs the right to write, and changes nothing.
        var call = HttpCall.Post("/_bulk", Encoding.UTF8.GetBytes(Line("delete", options.Index, IdOf("check"))), "application/x-ndjson");
        var json = await target.CallForJsonAsync(call, body => body.List("items")?.Count == 1, cancellationToken).ConfigureAwait(false);
        var status = Inner(json.List("items")![0]).Number("status");
        yield return (status, _indices.Count) switch
        {
            (403 or 401, _) => new CheckResult { Subject = target.Section, Outcome = CheckOutcome.Fail, Message = $"The account may not write to {options.Index}." },
            (404 or 200, > 0) => new CheckResult { Subject = target.Section, Outcome = CheckOutcome.Pass, Message = $"The account may write to {options.Index}. Nothing was written." },
            _ => new CheckResult { Subject = target.Section, Outcome = CheckOutcome.Warn, Message = $"Before {options.Index} exists the right to create it cannot be proven." },
        };
    }

    /// <summary>The id of a document: that of our key, so that it follows from threat and value alone.</summary>
    internal static string IdOf(string key) =>
        Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(key))).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static string Line(string verb, string index, string id)
    {
        var line = JsonBody.OfObject(writer =>
        {
            writer.WriteStartObject(verb);
            writer.WriteString("_index", index);
            writer.WriteString("_id", id);
            writer.WriteEndObject();
        });
        return Encoding.UTF8.GetString(line.Span) + "\n";
    }

    private static JsonElement Inner(JsonElement item) => item.EnumerateObject().FirstOrDefault().Value;

    /// <summary>What stands behind the name. Once per run.</summary>
    private async Task ResolveAsync(HttpTarget target, CancellationToken cancellationToken)
    {
        if (_indices is not null)
        {
            return;
        }

        var call = HttpCall.Get($"/_resolve/index/{Uri.EscapeDataString(options.Index)}") with { ForbiddenIsAnswer = true };
        var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
        if (answer.Status == HttpStatusCode.Forbidden)
        {
            throw target.Misconfigured($"The account may not look at {options.Index}: give it view_index_metadata there, beside the right to write.", call);
        }

        if (answer.Status == HttpStatusCode.NotFound && answer.Json()?.Object("error") is not null)
        {
            _indices = [];
        }
        else
        {
            var json = target.JsonOf(answer, call, body => body.List("indices") is not null && body.List("aliases") is not null);
            if (json.List("data_streams") is { Count: > 0 })
            {
                throw target.Misconfigured(
                    $"{options.Index} is a data stream, which takes no changes and no deletions. Write another name in index of [{target.Section}], or set index_template = True before the first write.",
                    call);
            }

            _indices =
            [
                .. json.List("indices")!.Select(index => index.Text("name")).OfType<string>(),
                .. json.List("aliases")!.SelectMany(IndicesOf),
            ];
        }

        if (options.InstallsTemplate)
        {
            await ElasticTemplate.InstallAsync(target, options.Index, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>One index is named by a text, several by a list.</summary>
    private static IEnumerable<string> IndicesOf(JsonElement alias) =>
        alias.List("indices") is { } several ? several.Select(index => index.GetString()!) : alias.Text("indices") is string one ? [one] : [];

    private void AddActions(List<Action> actions, int place, PushItem item)
    {
        var known = item.Known?.TargetReference is string reference ? Place(reference).Index : null;
        var where = known is not null && _indices!.Contains(known) ? known : options.Index;
        if (item.Known is not null && known is null)
        {
            // A run was killed while it sent this: the document may stand in any index behind the name, so it goes from all but the one written to.
            actions.AddRange(_indices!.Order(StringComparer.Ordinal).Select(index => new Action(place, "delete", index, IsMain: false)));
        }

        actions.Add(new Action(place, item.IsRetraction ? "delete" : "index", where, IsMain: true));
    }

    private HttpCall Bulk(List<Action> actions, IReadOnlyList<PushItem> items)
    {
        var time = Encoding.UTF8.GetBytes($"{{\"@timestamp\":\"{IndicatorValidity.Text(host.Clock.GetUtcNow())}\",");
        using var body = new MemoryStream();
        foreach (var action in actions)
        {
            var item = items[action.Place];
            body.Write(Encoding.UTF8.GetBytes(Line(action.Verb, action.Index, IdOf(item.Key))));
            if (action.Verb == "index")
            {
                body.Write(time);
                body.Write(item.Payload.Span[1..]);
                body.WriteByte((byte)'\n');
            }
        }

        return Post(body.ToArray());
    }

    /// <summary>Errors alone would lose the places: the answer has an entry for each action, in order.</summary>
    private static HttpCall Post(byte[] body) =>
        HttpCall.Post("/_bulk?filter_path=errors,items.*._index,items.*.status,items.*.result,items.*.error", body, "application/x-ndjson");

    private BatchAnswer Judge(HttpTarget target, IReadOnlyList<PushItem> items, List<Action> actions, IReadOnlyList<JsonElement> results, ItemAnswer[] answers)
    {
        string? blocked = null;
        for (var i = 0; i < actions.Count; i++)
        {
            var (place, verb, _, isMain) = actions[i];
            var result = Inner(results[i]);
            var status = result.Number("status") ?? 0;
            var item = items[place];
            ItemAnswer? answer = status switch
            {
                >= 200 and < 300 => Accepted(item, result.Text("_index")),
                // Gone already, with its index or without.
                404 when verb == "delete" => ItemAnswer.Accepted,
                401 or 403 => null,
                429 or >= 500 => new ItemAnswer(SendOutcome.Retry(host.Clock.GetUtcNow() + WaitOf(item), ReasonOf(result))),
                _ => ItemAnswer.Rejected(ReasonOf(result)),
            };
            if (answer is null)
            {
                blocked = ReasonOf(result);
                answer = new ItemAnswer(SendOutcome.Retry(host.Clock.GetUtcNow(), blocked));
            }

            if (isMain || answer.Value.Outcome.Kind != SendOutcomeKind.Accepted)
            {
                answers[place] = answer.Value;
            }
        }

        // An index that is read-only or full, or a right that was taken away: no item is to blame.
        return blocked is not null && !answers.Any(answer => answer.Outcome.Kind == SendOutcomeKind.Accepted)
            ? throw target.Misconfigured($"{target.Host} does not let us write to {options.Index}: {blocked}. Check its disk and blocks, and the rights of the account.")
            : ItemVerdicts.Of(answers, host.Clock);
    }

    private ItemAnswer Accepted(PushItem item, string? index)
    {
        if (item.IsRetraction)
        {
            return ItemAnswer.Accepted;
        }

        var now = host.Clock.GetUtcNow();
        var end = ElasticDocuments.EndOf(item.Payload);
        return ItemAnswer.Accepted with { Reference = ReferenceOf(index ?? options.Index, end), ExpiresAt = Earlier(end, now + options.Refresh) };
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private static TimeSpan WaitOf(PushItem item) => TimeSpan.FromTicks(Math.Min(_longestWait.Ticks, _firstWait.Ticks << Math.Min(item.Item.Attempts, 6)));

    /// <summary>Without what differs from one document to the next: who is to blame is found by equal words.</summary>
    private static string ReasonOf(JsonElement result)
    {
        if (result.Object("error") is not JsonElement error)
        {
            return FormattableString.Invariant($"status {result.Number("status")}");
        }

        var reason = error.Text("reason") ?? string.Empty;
        var id = reason.IndexOf(" in document with id", StringComparison.Ordinal);
        return $"{error.Text("type")}: {(id < 0 ? reason : reason[..id])}".TrimEnd(' ', ':');
    }

    /// <summary>
    /// Documents that are over go, and those that are still valid get a new time: rules look back a number of days only. All of it by id, and only what the
    /// ledger has as ours.
    /// </summary>
    private async Task RenewAsync(HttpTarget target, CancellationToken cancellationToken)
    {
        for (var left = MostDue; left > 0; left -= DuePerCall)
        {
            var now = host.Clock.GetUtcNow();
            var due = await host.Ledger.GetExpiringAsync(now, DuePerCall, cancellationToken).ConfigureAwait(false);
            if (due.Count == 0)
            {
                return;
            }

            using var body = new MemoryStream();
            foreach (var entry in due)
            {
                var (index, end) = Place(entry.TargetReference!);
                var isOver = end <= now;
                body.Write(Encoding.UTF8.GetBytes(Line(isOver ? "delete" : "update", index, IdOf(entry.Key))));
                if (!isOver)
                {
                    body.Write(Encoding.UTF8.GetBytes($"{{\"doc\":{{\"@timestamp\":\"{IndicatorValidity.Text(now)}\"}}}}\n"));
                }
            }

            var call = Post(body.ToArray());
            var json = await target.CallForJsonAsync(call, answer => answer.List("items")?.Count == due.Count, cancellationToken).ConfigureAwait(false);
            var results = json.List("items")!;
            var changed = new List<LedgerEntry>();
            var removed = new List<string>();
            for (var i = 0; i < due.Count; i++)
            {
                var (_, end) = Place(due[i].TargetReference!);
                var status = Inner(results[i]).Number("status");
                if (status == 404 || (status is >= 200 and < 300 && end <= now))
                {
                    removed.Add(due[i].Key);
                }
                else if (status is >= 200 and < 300)
                {
                    changed.Add(due[i] with { ExpiresAt = Earlier(end, now + options.Refresh), SentAt = now });
                }
            }

            if (changed.Count + removed.Count == 0)
            {
                return;
            }

            await host.Ledger.UpdateAsync(changed, removed, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>What the ledger keeps of a document: its index, and when it is over. The date of the entry is the next one to look at it.</summary>
    private static string ReferenceOf(string index, DateTimeOffset end) => FormattableString.Invariant($"{index} {end.ToUnixTimeMilliseconds()}");

    private static (string Index, DateTimeOffset End) Place(string reference)
    {
        var blank = reference.LastIndexOf(' ');
        return (reference[..blank], DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(reference.AsSpan(blank + 1), CultureInfo.InvariantCulture)));
    }

    /// <summary>How documents are written.</summary>
    internal sealed record Options
    {
        /// <summary>Index or alias.</summary>
        public required string Index { get; init; }

        /// <summary>Whether a template is installed before the first write.</summary>
        public bool InstallsTemplate { get; init; }

        /// <summary>After which a document that is still valid gets a new time.</summary>
        public required TimeSpan Refresh { get; init; }
    }

    /// <param name="Place">The item, by its place in the batch.</param>
    /// <param name="Verb">What is done.</param>
    /// <param name="Index">Where.</param>
    /// <param name="IsMain">Whether its result is that of the item.</param>
    private readonly record struct Action(int Place, string Verb, string Index, bool IsMain);
}
