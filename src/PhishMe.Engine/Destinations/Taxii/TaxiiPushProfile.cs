using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Taxii;

/// <summary>Adds envelopes to a TAXII 2.1 collection, and asks what became of them.</summary>
internal sealed class TaxiiPushProfile(TaxiiPushOptions options, DestinationHost host) : IHttpProfile
{
    private const string MediaType = "application/taxii+json;version=2.1";

    /// <summary>Of a server that names no limit.</summary>
    private const long UsualLength = 10 * 1024 * 1024;

    private static readonly KeyValuePair<string, string>[] _accept = [new("Accept", MediaType)];

    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(5);

    private readonly TaxiiItems _items = new(options);
    private long _longestBody = UsualLength;

    /// <summary>Objects are about twice as long as what waits in the queue.</summary>
    public QueueBatch LargestBatch => new(500, Math.Max(1, Math.Min(_longestBody / 3, 4 * 1024 * 1024)));

    public IndicatorChoice Choice => options.Choice;

    public bool RecognizesRepeats => true;

    public bool KeepsState => true;

    public IEnumerable<QueueItem> Compose(Delivery delivery) => _items.Compose(host.Id, delivery);

    public ReadOnlyMemory<byte> Substance(QueueItem item) => _items.Substance(item);

    /// <summary>The size that the server takes. One that does not say it is asked without.</summary>
    public async Task PrepareAsync(HttpTarget target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        var answer = await target.CallAsync(Get(options.ApiRoot) with { ForbiddenIsAnswer = true }, cancellationToken).ConfigureAwait(false);
        if (answer.IsSuccess && answer.Json()?.Number("max_content_length") is int length and > 0)
        {
            _longestBody = length;
        }
    }

    /// <summary>Ids are our own. The empty answer has them noted as such, so that a run after a kill knows that an indicator may be there.</summary>
    public Task<IReadOnlySet<string>?> FindForeignAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlySet<string>?>(new HashSet<string>());

    public async Task<BatchAnswer> SendAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(items);
        var lives = await host.Ledger.GetAsync([.. items.Select(item => LifeKey(item.Key))], cancellationToken).ConfigureAwait(false);
        int[] taken = [.. items.Select(item => LifeOf(lives, item.Key))];
        TaxiiVersion[] versions = [.. items.Select(VersionOf)];
        var count = items.Count;
        TaxiiEnvelope envelope;
        while ((envelope = new TaxiiEnvelope(options, [.. items.Take(count)], versions, taken)).Body.Length > _longestBody && count > 1)
        {
            count = Math.Max(1, (int)(count * (double)_longestBody / envelope.Body.Length * 0.9));
        }

        if (envelope.Body.Length > _longestBody)
        {
            return Judged(items, versions, 1, ItemAnswer.Rejected(string.Create(
                CultureInfo.InvariantCulture, $"The object has {envelope.Body.Length} bytes; the server takes {_longestBody}.")));
        }

        var call = HttpCall.Post(options.ObjectsPath, envelope.Body, MediaType) with { Headers = _accept };
        var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
        if (answer.Status == HttpStatusCode.NotFound)
        {
            throw target.Misconfigured(
                $"{target.Host} answered 404: it has no such collection, or takes nothing for it at present. Check collection in [{target.Section}], and that "
                + "whatever takes what is pushed there was started.",
                call);
        }

        if (!answer.IsSuccess && answer.Json() is not null)
        {
            return new BatchAnswer.Refused(answer.Words()) { IsAboutItem = count == 1 && answer.Status == HttpStatusCode.RequestEntityTooLarge };
        }

        var status = TaxiiStatus.Read(target.JsonOf(answer, call, TaxiiStatus.Is));
        status = await WaitAsync(target, status, cancellationToken).ConfigureAwait(false);
        if (status.FailureCount > 0 && status.Failures.Count == 0)
        {
            // Which ones is found by halves: what was taken already is only taken again.
            return new BatchAnswer.Refused(string.Create(CultureInfo.InvariantCulture, $"{status.FailureCount} object(s) failed, and {target.Host} does not say which."));
        }

        var answers = Judge(items, versions, count, envelope, status);
        await NoteEndsAsync(items, answers, taken, cancellationToken).ConfigureAwait(false);
        return ItemVerdicts.Of(answers, host.Clock);
    }

    public async IAsyncEnumerable<CheckResult> CheckAsync(HttpTarget target, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        // An envelope without objects is refused or adds nothing, but only after credentials, right and collection were looked at.
        var call = HttpCall.Post(options.ObjectsPath, "{\"objects\":[]}"u8.ToArray(), MediaType) with { Headers = _accept, ServerErrorIsAnswer = true };
        var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
        if (answer.Status == HttpStatusCode.NotFound)
        {
            throw target.Misconfigured($"{target.Host} has no such collection, or takes nothing for it at present. Check collection in [{target.Section}].", call);
        }

        if (answer.Json() is not { ValueKind: System.Text.Json.JsonValueKind.Object } json || (answer.IsSuccess && !TaxiiStatus.Is(json)))
        {
            throw target.NotTheProduct(answer, call);
        }

        yield return new CheckResult
        {
            Subject = target.Section,
            Outcome = CheckOutcome.Pass,
            Message = $"{target.Host} takes envelopes for the collection. Nothing was added.",
        };
    }

    private static HttpCall Get(string path) => HttpCall.Get(path) with { Headers = _accept };

    private static string LifeKey(string key) => $"life/{key}";

    private static int LifeOf(IReadOnlyDictionary<string, LedgerEntry> lives, string key) =>
        lives.TryGetValue(LifeKey(key), out var entry) ? int.Parse(entry.TargetReference!, CultureInfo.InvariantCulture) : 0;

    private static BatchAnswer Judged(IReadOnlyList<PushItem> items, TaxiiVersion[] versions, int count, ItemAnswer answer) =>
        new BatchAnswer.Judged([.. Enumerable.Range(0, items.Count).Select(place => place < count ? answer : Waiting(versions[place]))]);

    /// <summary>What did not fit into this envelope comes with the next, at once.</summary>
    private static ItemAnswer Waiting(TaxiiVersion version) => new(SendOutcome.Retry(version.Modified, "Waits for the next envelope."));

    private TaxiiVersion VersionOf(PushItem item)
    {
        var now = host.Clock.GetUtcNow();
        var before = item.Known is { Fingerprint.Length: > 0 } entry ? entry.SentAt : (DateTimeOffset?)null;
        var modified = before >= now ? before.Value.AddMilliseconds(1) : now;
        return new TaxiiVersion(
            long.TryParse(item.Known?.TargetReference, NumberStyles.None, CultureInfo.InvariantCulture, out var created) ? DateTimeOffset.FromUnixTimeMilliseconds(created) : modified,
            modified);
    }

    private async Task<TaxiiStatus> WaitAsync(HttpTarget target, TaxiiStatus status, CancellationToken cancellationToken)
    {
        var began = host.Clock.GetTimestamp();
        for (var pause = _firstPause; status is { IsPending: true, Id: string id }; pause = pause * 2 < _longestPause ? pause * 2 : _longestPause)
        {
            if (host.Clock.GetElapsedTime(began) >= options.StatusPatience)
            {
                target.Warn($"{target.Host} took what was sent and had not looked at all of it when the wait for it ended.");
                break;
            }

            await Task.Delay(pause, host.Clock, cancellationToken).ConfigureAwait(false);
            var answer = await target.CallAsync(
                Get($"{options.ApiRoot}status/{Uri.EscapeDataString(id)}/") with { ForbiddenIsAnswer = true }, cancellationToken).ConfigureAwait(false);
            if (!answer.IsSuccess || answer.Json() is not { } json || !TaxiiStatus.Is(json))
            {
                // A server need not keep it: it was taken.
                break;
            }

            status = TaxiiStatus.Read(json) with { Id = id };
        }

        return status;
    }

    private static ItemAnswer[] Judge(IReadOnlyList<PushItem> items, TaxiiVersion[] versions, int count, TaxiiEnvelope envelope, TaxiiStatus status)
    {
        var answers = new ItemAnswer[items.Count];
        for (var place = 0; place < items.Count; place++)
        {
            answers[place] = place >= count ? Waiting(versions[place]) : ItemAnswer.Accepted with
            {
                Reference = versions[place].Created.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
            };
        }

        foreach (var (id, message) in status.Failures)
        {
            if (envelope.ItemOf(id) is int place)
            {
                answers[place] = ItemAnswer.Rejected(message);
            }
        }

        return answers;
    }

    /// <summary>How often a value was taken back decides the scores of its next end and return.</summary>
    private Task NoteEndsAsync(IReadOnlyList<PushItem> items, ItemAnswer[] answers, int[] lives, CancellationToken cancellationToken)
    {
        var now = host.Clock.GetUtcNow();
        LedgerEntry[] ended =
        [
            .. from place in Enumerable.Range(0, items.Count)
               where options.IsOpenCti && items[place].IsRetraction && answers[place].Outcome.Kind == SendOutcomeKind.Accepted
               select new LedgerEntry
               {
                   Destination = host.Id,
                   Key = LifeKey(items[place].Key),
                   Fingerprint = "life",
                   TargetReference = (lives[place] + 1).ToString(CultureInfo.InvariantCulture),
                   SentAt = now,
               },
        ];
        return ended.Length == 0 ? Task.CompletedTask : host.Ledger.UpdateAsync(ended, [], cancellationToken);
    }
}
