using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>
/// Uploads indicators. A withdrawal is a new version that is revoked and whose validity ends; because that is final in STIX, a value that comes back gets a new
/// id: the ledger has the id of each value, and how often it was taken back.
/// </summary>
internal sealed partial class SentinelProfile(SentinelIndicators mapping, SentinelProfile.Options options, DestinationHost host) : IHttpProfile
{
    public QueueBatch LargestBatch { get; } = new(100, 4 * 1024 * 1024);

    public IndicatorChoice Choice => mapping.Choice;

    public bool RecognizesRepeats => true;

    public bool KeepsState => true;

    private string Path =>
        $"/workspaces/{Uri.EscapeDataString(options.Workspace)}/threat-intelligence-stix-objects:upload?api-version={Uri.EscapeDataString(options.ApiVersion)}";

    /// <summary>The service names its pause in the words of a refusal only: "Try again in 12 seconds."</summary>
    public static TimeSpan? PauseInWords(HttpAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return Pause().Match(Encoding.UTF8.GetString(answer.Body.Span)) is { Success: true } found
            && int.TryParse(found.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : null;
    }

    public IEnumerable<QueueItem> Compose(Delivery delivery) => mapping.Compose(host.Id, delivery);

    public ReadOnlyMemory<byte> Substance(QueueItem item) => mapping.Substance(item);

    /// <summary>Ids are our own. The empty answer has them noted as such, so that a run after a kill knows that an indicator may be there.</summary>
    public Task<IReadOnlySet<string>?> FindForeignAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlySet<string>?>(new HashSet<string>());

    public async Task<BatchAnswer> SendAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(items);
        var lives = await host.Ledger.GetAsync([.. items.Select(item => LifeKey(item.Key))], cancellationToken).ConfigureAwait(false);
        Version[] versions = [.. items.Select(item => VersionOf(item, LifeOf(lives, item.Key)))];
        var call = HttpCall.Post(Path, JsonBody.OfObject(writer =>
        {
            writer.WriteString("sourcesystem", options.Source);
            writer.WriteStartArray("stixobjects");
            for (var i = 0; i < items.Count; i++)
            {
                Write(writer, items[i], versions[i]);
            }

            writer.WriteEndArray();
        }));
        var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccess && answer.Json() is not null)
        {
            return answer.Status == System.Net.HttpStatusCode.NotFound
                ? throw target.Misconfigured($"{target.Host} does not know the workspace. Check workspace_id in [{target.Section}].", call)
                : new BatchAnswer.Refused(answer.Words());
        }

        var answers = Judge(target, call, answer, items, versions);
        await NoteEndsAsync(items, answers, lives, cancellationToken).ConfigureAwait(false);
        return ItemVerdicts.Of(answers, host.Clock);
    }

    public async IAsyncEnumerable<CheckResult> CheckAsync(HttpTarget target, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        // An object without anything in it is refused, but only after credentials, right and workspace were looked at.
        var call = HttpCall.Post(Path, JsonBody.OfObject(writer =>
        {
            writer.WriteString("sourcesystem", options.Source);
            writer.WriteStartArray("stixobjects");
            writer.WriteStartObject();
            writer.WriteString("type", "indicator");
            writer.WriteEndObject();
            writer.WriteEndArray();
        }));
        var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
        if (answer.Status == System.Net.HttpStatusCode.NotFound)
        {
            throw target.Misconfigured($"{target.Host} does not know the workspace. Check workspace_id in [{target.Section}].", call);
        }

        if (answer.Json()?.ValueKind != JsonValueKind.Object || (answer.IsSuccess && answer.Json()?.List("errors") is null))
        {
            throw target.NotTheProduct(answer, call);
        }

        yield return new CheckResult
        {
            Subject = target.Section,
            Outcome = CheckOutcome.Pass,
            Message = $"{target.Host} takes the token for the workspace, and refuses an empty indicator as it should. Nothing was written.",
        };
    }

    [GeneratedRegex(@"in\s+(\d{1,6})\s+second", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Pause();

    private static string LifeKey(string key) => $"life/{key}";

    private static int LifeOf(IReadOnlyDictionary<string, LedgerEntry> lives, string key) =>
        lives.TryGetValue(LifeKey(key), out var entry) ? int.Parse(entry.TargetReference!, CultureInfo.InvariantCulture) : 0;

    /// <summary>The id and the times of what is sent now. Each version is later than the one before, whatever our clock says.</summary>
    private Version VersionOf(PushItem item, int life)
    {
        var now = host.Clock.GetUtcNow();
        var before = item.Known is { Fingerprint.Length: > 0 } entry ? entry.SentAt : (DateTimeOffset?)null;
        var modified = before >= now ? before.Value.AddMilliseconds(1) : now;
        var name = life == 0 ? $"sentinel|{item.Key}" : string.Create(CultureInfo.InvariantCulture, $"sentinel|{item.Key}|{life}");
        var id = $"indicator--{NameBasedUuid.Create(name)}";
        // The ledger may still name a life that a run ended before it was killed.
        return item.Known?.TargetReference?.Split(' ') is [var known, var created] && (known == id || item.IsRetraction)
            ? new Version(known, DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(created, CultureInfo.InvariantCulture)), modified)
            : new Version(id, now, modified);
    }

    private static void Write(Utf8JsonWriter writer, PushItem item, Version version)
    {
        using var document = JsonDocument.Parse(item.Payload);
        writer.WriteStartObject();
        writer.WriteString("id", version.Id);
        writer.WriteString("created", IndicatorValidity.Text(version.Created));
        writer.WriteString("modified", IndicatorValidity.Text(version.Modified));
        foreach (var member in document.RootElement.EnumerateObject().Where(member => !item.IsRetraction || member.Name is not ("valid_from" or "valid_until")))
        {
            member.WriteTo(writer);
        }

        if (item.IsRetraction)
        {
            // Readers that do not look at revoked look at the validity.
            writer.WriteBoolean("revoked", true);
            var from = document.RootElement.GetProperty("valid_from").GetDateTimeOffset();
            writer.WriteString("valid_from", IndicatorValidity.Text(from < version.Modified ? from : version.Modified.AddSeconds(-1)));
            writer.WriteString("valid_until", IndicatorValidity.Text(version.Modified));
        }

        writer.WriteEndObject();
    }

    /// <summary>An empty answer is that all are valid; otherwise errors stand by place in the request, and the rest was taken.</summary>
    private static ItemAnswer[] Judge(HttpTarget target, HttpCall call, HttpAnswer answer, IReadOnlyList<PushItem> items, Version[] versions)
    {
        ItemAnswer[] answers =
        [
            .. versions.Zip(items).Select(pair => ItemAnswer.Accepted with
            {
                Reference = string.Create(CultureInfo.InvariantCulture, $"{pair.First.Id} {pair.First.Created.ToUnixTimeMilliseconds()}"),
                ExpiresAt = EndOf(pair.Second),
            }),
        ];
        if (answer.Body.Span.Trim(" \r\n\t"u8).IsEmpty && answer.MediaType is not "text/html")
        {
            return answers;
        }

        var json = target.JsonOf(answer, call, body => body.List("errors") is not null);
        foreach (var error in json.List("errors")!)
        {
            if (error.Number("recordIndex") is not int place || place < 0 || place >= answers.Length)
            {
                throw target.NotTheProduct(answer, call);
            }

            answers[place] = ItemAnswer.Rejected(error.List("errorMessages") is { Count: > 0 } words ? string.Join(' ', words.Select(word => word.ToString())) : "Refused without a reason.");
        }

        return answers;
    }

    private static DateTimeOffset? EndOf(PushItem item)
    {
        using var document = JsonDocument.Parse(item.Payload);
        return document.RootElement.TryGetProperty("valid_until", out var end) ? end.GetDateTimeOffset() : null;
    }

    /// <summary>A revocation is final: the next life of the value has another id.</summary>
    private Task NoteEndsAsync(
        IReadOnlyList<PushItem> items, ItemAnswer[] answers, IReadOnlyDictionary<string, LedgerEntry> lives, CancellationToken cancellationToken)
    {
        var now = host.Clock.GetUtcNow();
        LedgerEntry[] ended =
        [
            .. items.Where((item, place) => item.IsRetraction && answers[place].Outcome.Kind == SendOutcomeKind.Accepted).Select(item => new LedgerEntry
            {
                Destination = host.Id,
                Key = LifeKey(item.Key),
                Fingerprint = "life",
                TargetReference = (LifeOf(lives, item.Key) + 1).ToString(CultureInfo.InvariantCulture),
                SentAt = now,
            }),
        ];
        return ended.Length == 0 ? Task.CompletedTask : host.Ledger.UpdateAsync(ended, [], cancellationToken);
    }

    /// <summary>Where indicators go.</summary>
    internal sealed record Options
    {
        /// <summary>Id of the Log Analytics workspace.</summary>
        public required string Workspace { get; init; }

        /// <summary>Name of the source; part of the identity of an indicator.</summary>
        public required string Source { get; init; }

        public required string ApiVersion { get; init; }
    }

    /// <param name="Id">STIX id.</param>
    /// <param name="Created">Of the first version.</param>
    /// <param name="Modified">Of this version.</param>
    private readonly record struct Version(string Id, DateTimeOffset Created, DateTimeOffset Modified);
}
