using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>
/// LogRhythm: items of lists by its REST API, for [integration_logrhythm] with <c>mode = rest</c>. One list for each kind, found by its name; an
/// administrator makes them, because a list has an owner and permissions.
/// </summary>
internal static class LogRhythmLists
{
    private static readonly HashSet<IndicatorKind> _kinds =
        [IndicatorKind.Domain, IndicatorKind.IPv4, IndicatorKind.Url, IndicatorKind.Email, IndicatorKind.Md5, IndicatorKind.Sha256];

    /// <summary>The keys of this mode.</summary>
    public static KeySchema[] Keys() =>
    [
        Ours(Word("mode", "file", ["file", "rest"], "How indicators are delivered: file, or rest for items of lists by the API.")),
        Ours(Url("host_with_protocol", "", "Address of the API, such as https://logrhythm.example:8501. Only for rest.")),
        Ours(Secret("api_token", "API token of an account that may change the lists. Only for rest.")),
        Ours(Text("list_prefix", "Beginning of the names of the lists. Only for rest.") with { Default = "phishme_intelligence" }),
        HttpKeys.Verify(),
        .. HttpKeys.Connection(),
    ];

    /// <summary>Reads the section; what is wrong becomes a finding.</summary>
    /// <param name="section">[integration_logrhythm].</param>
    /// <param name="wanted">Which indicators.</param>
    public static IReadOnlyList<Destination> Read(SectionValues section, DeliverySettings wanted)
    {
        var token = section.RequiredSecret("api_token", "Make one in LogRhythm for an account that may change the lists.");
        if (HttpKeys.Read(section, "api_token") is not HttpTargetSettings target || token.Length == 0)
        {
            return [];
        }

        var id = new DestinationId("logrhythm");
        var prefix = section.Text("list_prefix") ?? "phishme_intelligence";
        var choice = IndicatorChoice.Of(wanted, _kinds) with { SharesEntries = true };
        return
        [
            new QueuedDestination
            {
                Id = id,
                Section = section.Name,
                Retention = choice.Retention,
                Open = host => new HttpDestination(target, new HeaderAuthentication("Authorization", $"Bearer {token}", token), new Profile(id, prefix, choice), host),
            },
        ];
    }

    private sealed class Profile(DestinationId id, string prefix, IndicatorChoice choice) : IHttpProfile
    {
        private const string Lists = "/lr-admin-api/lists";

        private Dictionary<string, string>? _guids;

        public QueueBatch LargestBatch { get; } = new(500, 512 * 1024);

        public bool RecognizesRepeats => true;

        public bool KeepsState => true;

        public IndicatorChoice Choice => choice;

        public IEnumerable<QueueItem> Compose(Delivery delivery) => choice.Compose(
            id,
            delivery,
            (_, indicator) => Encoding.UTF8.GetBytes($"{WordOf(indicator.Kind)}\n{(indicator.Kind == IndicatorKind.Url ? IndicatorValue.Of(indicator) : indicator.NormalizedValue)}"));

        public string LotOf(PushItem item) => (item.IsRetraction ? "-" : "+") + Parts(item).Word;

        public async Task<BatchAnswer> SendAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken)
        {
            var word = Parts(items[0]).Word;
            _guids ??= await FindAsync(target, cancellationToken).ConfigureAwait(false);
            if (!_guids.TryGetValue(NameOf(word), out var guid))
            {
                throw Missing(target, [NameOf(word)]);
            }

            var call = new HttpCall
            {
                Method = items[0].IsRetraction ? HttpMethod.Delete : HttpMethod.Post,
                PathAndQuery = $"{Lists}/{Uri.EscapeDataString(guid)}/items/",
                Body = JsonBody.OfObject(json => Write(json, items, word == "ipv4address")),
                MediaType = "application/json",
            };
            var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
            if (!answer.IsSuccess)
            {
                return new BatchAnswer.Refused(answer.Words());
            }

            target.JsonOf(answer, call, json => json.Text("guid") == guid);
            return BatchAnswer.Accepted(items.Count);
        }

        /// <summary>Reading proves the token; no items are taken from a list and change nothing.</summary>
        public async IAsyncEnumerable<CheckResult> CheckAsync(HttpTarget target, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var guids = await FindAsync(target, cancellationToken).ConfigureAwait(false);
            yield return Checks.Pass(target.Section, $"{target.Host} accepts the token.");
            string[] missing = [.. _kinds.Select(kind => NameOf(WordOf(kind))).Where(name => !guids.ContainsKey(name))];
            if (missing.Length > 0)
            {
                throw Missing(target, missing);
            }

            var call = HttpCall.Post($"{Lists}/{Uri.EscapeDataString(guids.First().Value)}/items/", """{"items":[]}"""u8.ToArray());
            var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
            yield return answer.IsSuccess || (int)answer.Status is 400 or 422
                ? Checks.Pass(target.Section, "The token may change the lists.")
                : Checks.Warn(target.Section, $"Nothing proves that the token may change the lists: no items were answered with {(int)answer.Status}.", "Check the rights of the account.");
        }

        private static (string Word, string Value) Parts(PushItem item)
        {
            var text = Encoding.UTF8.GetString(item.Payload.Span);
            var end = text.IndexOf('\n', StringComparison.Ordinal);
            return (text[..end], text[(end + 1)..]);
        }

        private static string WordOf(IndicatorKind kind) => kind switch
        {
            IndicatorKind.Domain => "domainname",
            IndicatorKind.IPv4 => "ipv4address",
            IndicatorKind.Url => "url",
            IndicatorKind.Email => "email",
            IndicatorKind.Md5 => "md5",
            _ => "sha256",
        };

        private string NameOf(string word) => $"{prefix}_{word}";

        private static TargetStoppedException Missing(HttpTarget target, IReadOnlyCollection<string> names) => target.Misconfigured(
            $"{target.Host} has no list of the name {string.Join(", ", names)}. Make it in LogRhythm, or change list_prefix of [{target.Section}].");

        private async Task<Dictionary<string, string>> FindAsync(HttpTarget target, CancellationToken cancellationToken)
        {
            var lists = await target.CallForJsonAsync(
                HttpCall.Get(Lists), json => json.ValueKind == JsonValueKind.Array && json.EnumerateArray().All(list => list.Text("guid") is not null), cancellationToken).ConfigureAwait(false);
            var ours = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            foreach (var list in lists.EnumerateArray().Where(list => list.Text("name")?.StartsWith(prefix + "_", StringComparison.OrdinalIgnoreCase) == true))
            {
                ours.TryAdd(list.Text("name")!, list.Text("guid")!);
            }

            return ours;
        }

        private static void Write(Utf8JsonWriter json, IReadOnlyList<PushItem> items, bool areAddresses)
        {
            json.WriteStartArray("items");
            foreach (var (_, value) in items.Select(Parts))
            {
                json.WriteStartObject();
                json.WriteString("displayValue", value);
                json.WriteString("value", value);
                json.WriteString("listItemType", areAddresses ? "IP" : "StringValue");
                json.WriteString("listItemDataType", areAddresses ? "IP" : "String");
                json.WriteBoolean("isExpired", false);
                json.WriteBoolean("isPattern", false);
                json.WriteBoolean("isListItem", false);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }
    }
}
