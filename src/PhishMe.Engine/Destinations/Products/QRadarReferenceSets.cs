using System.Buffers;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>
/// IBM QRadar: reference sets by its REST API, for [integration_qradar_siem] with <c>mode = reference_data</c>. Their names are those of the vendor's app,
/// because rules of customers use them.
/// </summary>
internal static class QRadarReferenceSets
{
    private static readonly HashSet<IndicatorKind> _kinds =
        [IndicatorKind.Domain, IndicatorKind.IPv4, IndicatorKind.IPv6, IndicatorKind.Url, IndicatorKind.Md5, IndicatorKind.Sha256];

    /// <summary>The keys of this mode.</summary>
    public static KeySchema[] Keys() =>
    [
        Ours(Url("host_with_protocol", "", "Address of the console, such as https://qradar.example. Only for reference_data.")),
        Ours(Secret("api_token", "Authorized service token.")),
        Ours(Text("api_version", "Version of the API. Empty: the newest of the console.")),
        Ours(Text("set_prefix", "Beginning of the names of the sets.") with { Default = "PhishMe_Intelligence" }),
        Ours(Number("time_to_live_days", "90", 1, 3650, "Days after which QRadar drops a value that was not delivered again. Only for sets made here.")),
        HttpKeys.Verify(),
        .. HttpKeys.Connection(),
    ];

    /// <summary>Reads the section; what is wrong becomes a finding.</summary>
    /// <param name="section">[integration_qradar_siem].</param>
    /// <param name="wanted">Which indicators.</param>
    public static IReadOnlyList<Destination> Read(SectionValues section, DeliverySettings wanted)
    {
        var token = section.RequiredSecret("api_token", "Make one in QRadar: Admin, Authorized Services.");
        if (HttpKeys.Read(section, "api_token") is not HttpTargetSettings target || token.Length == 0)
        {
            return [];
        }

        var id = new DestinationId("qradar_siem");
        var choice = IndicatorChoice.Of(wanted, _kinds);
        var options = new Options
        {
            Prefix = section.Text("set_prefix") ?? "PhishMe_Intelligence",
            Version = section.Text("api_version"),
            LifetimeDays = section.Integer("time_to_live_days"),
            Choice = choice,
        };
        return
        [
            new QueuedDestination
            {
                Id = id,
                Section = section.Name,
                Retention = choice.Retention,
                Open = host => new HttpDestination(target, new HeaderAuthentication("SEC", token), new Profile(id, options), host),
            },
        ];
    }

    /// <summary>What goes to the sets, and how.</summary>
    internal sealed record Options
    {
        public string Prefix { get; init; } = "PhishMe_Intelligence";

        /// <summary>Null for the newest.</summary>
        public string? Version { get; init; }

        public int LifetimeDays { get; init; } = 90;

        public IndicatorChoice Choice { get; init; } = new() { Kinds = _kinds };
    }

    /// <summary>Sets are filled by bulk load, one set at a time; values are taken back one by one. What others put there is left alone.</summary>
    internal sealed class Profile(DestinationId id, Options options) : IHttpProfile
    {
        private const int ValueMissing = 1003;

        private readonly Dictionary<string, HashSet<string>> _held = new(StringComparer.Ordinal);
        private int? _encodings;

        public QueueBatch LargestBatch { get; } = new(1000, 1024 * 1024);

        public bool RecognizesRepeats => true;

        public bool KeepsState => true;

        public IndicatorChoice Choice => options.Choice;

        public TimeSpan? Lifetime { get; } = TimeSpan.FromDays(options.LifetimeDays);

        public IEnumerable<QueueItem> Compose(Delivery delivery) =>
            options.Choice.Compose(id, delivery, (_, indicator) => Encoding.UTF8.GetBytes($"{SetOf(indicator)}\n{indicator.NormalizedValue}"));

        public string LotOf(PushItem item) => (item.IsRetraction ? "-" : "+") + Parts(item).Set;

        /// <summary>What the set holds and the ledger does not know was put there by someone else.</summary>
        public async Task<IReadOnlySet<string>?> FindForeignAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken)
        {
            var foreign = new HashSet<string>(StringComparer.Ordinal);
            foreach (var item in items)
            {
                var (set, value) = Parts(item);
                if (!_held.TryGetValue(set, out var held))
                {
                    _held[set] = held = await ReadSetAsync(target, set, cancellationToken).ConfigureAwait(false);
                }

                if (held.Contains(value))
                {
                    foreign.Add(item.Key);
                }
            }

            return foreign;
        }

        public async Task<BatchAnswer> SendAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken)
        {
            if (items[0].IsRetraction)
            {
                return await RemoveAsync(target, items, cancellationToken).ConfigureAwait(false);
            }

            var set = Parts(items[0]).Set;
            var call = Call(HttpMethod.Post, $"/api/reference_data/sets/bulk_load/{Uri.EscapeDataString(set)}", Json(items));
            var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
            if (answer.Status == HttpStatusCode.NotFound)
            {
                await CreateAsync(target, set, cancellationToken).ConfigureAwait(false);
                answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
            }

            if (!answer.IsSuccess)
            {
                return new BatchAnswer.Refused(WordsOf(answer));
            }

            target.JsonOf(answer, call, json => json.ValueKind == JsonValueKind.Object && json.TryGetProperty("name", out _));
            return BatchAnswer.Accepted(items.Count);
        }

        /// <summary>Reading proves the token; a set without a name is refused for its name only by one who may make sets.</summary>
        public async IAsyncEnumerable<CheckResult> CheckAsync(HttpTarget target, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await target.CallForJsonAsync(
                Call(HttpMethod.Get, "/api/reference_data/sets?fields=name"), json => json.ValueKind == JsonValueKind.Array, cancellationToken).ConfigureAwait(false);
            yield return new CheckResult { Subject = target.Section, Outcome = CheckOutcome.Pass, Message = $"{target.Host} accepts the token." };
            var answer = await target.CallAsync(Call(HttpMethod.Post, "/api/reference_data/sets"), cancellationToken).ConfigureAwait(false);
            yield return (int)answer.Status is 400 or 422
                ? new CheckResult { Subject = target.Section, Outcome = CheckOutcome.Pass, Message = "The token may make and fill reference sets." }
                : new CheckResult
                {
                    Subject = target.Section,
                    Outcome = CheckOutcome.Warn,
                    Message = $"Nothing proves that the token may write: a set without a name was answered with {(int)answer.Status}.",
                };
        }

        /// <summary>Malware and phish have sets of their own; a set of type IP holds addresses of version 4 only.</summary>
        private string SetOf(Indicator indicator)
        {
            var type = indicator.ThreatId.Type == ThreatType.Malware ? "Malware" : "Phish";
            var kind = indicator.Kind switch
            {
                IndicatorKind.Domain => "Hostnames",
                IndicatorKind.IPv4 => "IPs",
                IndicatorKind.IPv6 => "IPv6s",
                IndicatorKind.Url => "URLs",
                IndicatorKind.Md5 => "Hashes_MD5",
                _ => "Hashes_SHA256",
            };
            return $"{options.Prefix}_{type}_{kind}";
        }

        private static string TypeOf(string set) => set.EndsWith("_IPs", StringComparison.Ordinal) ? "IP" : set.EndsWith("_URLs", StringComparison.Ordinal) ? "ALN" : "ALNIC";

        private static (string Set, string Value) Parts(PushItem item)
        {
            var parts = Encoding.UTF8.GetString(item.Payload.Span).Split('\n', 2);
            return (parts[0], parts[1]);
        }

        private async Task<HashSet<string>> ReadSetAsync(HttpTarget target, string set, CancellationToken cancellationToken)
        {
            var call = Call(HttpMethod.Get, $"/api/reference_data/sets/{Uri.EscapeDataString(set)}?fields=name%2Celement_type%2Cdata(value)");
            var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
            if (answer.Status == HttpStatusCode.NotFound && CodeOf(answer) is not null)
            {
                await CreateAsync(target, set, cancellationToken).ConfigureAwait(false);
                return [];
            }

            var json = target.JsonOf(answer, call, json => json.ValueKind == JsonValueKind.Object && json.TryGetProperty("name", out _));
            CheckType(target, set, json);
            return json.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Array
                ? [.. data.EnumerateArray().Select(entry => entry.GetProperty("value").ToString())]
                : [];
        }

        /// <summary>Somebody may have made it in between (409), with another type.</summary>
        private async Task CreateAsync(HttpTarget target, string set, CancellationToken cancellationToken)
        {
            var call = Call(
                HttpMethod.Post,
                $"/api/reference_data/sets?name={Uri.EscapeDataString(set)}&element_type={TypeOf(set)}&timeout_type=LAST_SEEN&time_to_live="
                + Uri.EscapeDataString(FormattableString.Invariant($"{options.LifetimeDays} days")));
            var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
            if (answer.Status == HttpStatusCode.Conflict)
            {
                var json = await target.CallForJsonAsync(
                    Call(HttpMethod.Get, $"/api/reference_data/sets/{Uri.EscapeDataString(set)}?fields=name%2Celement_type"),
                    found => found.ValueKind == JsonValueKind.Object && found.TryGetProperty("name", out _),
                    cancellationToken).ConfigureAwait(false);
                CheckType(target, set, json);
            }
            else if (!answer.IsSuccess)
            {
                throw target.Misconfigured($"QRadar does not make the reference set {set}: {WordsOf(answer)}", call);
            }
            else
            {
                target.JsonOf(answer, call, made => made.ValueKind == JsonValueKind.Object && made.TryGetProperty("name", out _));
            }
        }

        /// <summary>The type of a set cannot be changed, and a set of another type refuses every load.</summary>
        private static void CheckType(HttpTarget target, string set, JsonElement json)
        {
            var type = json.TryGetProperty("element_type", out var given) ? given.GetString() : null;
            if (type is not ("ALN" or "ALNIC") && !(type == "IP" && TypeOf(set) == "IP"))
            {
                throw target.Misconfigured(
                    $"The reference set {set} has the type {type}, which does not hold these values. Remove the set in QRadar, or name another beginning in set_prefix of [{target.Section}].");
            }
        }

        private async Task<BatchAnswer> RemoveAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken)
        {
            var answers = new ItemAnswer[items.Count];
            for (var i = 0; i < answers.Length; i++)
            {
                var (set, value) = Parts(items[i]);
                _encodings ??= await FindEncodingsAsync(target, set, cancellationToken).ConfigureAwait(false);
                var answer = await target.CallAsync(Removal(set, value, _encodings.Value), cancellationToken).ConfigureAwait(false);
                answers[i] = answer.IsSuccess || (answer.Status == HttpStatusCode.NotFound && CodeOf(answer) is ValueMissing)
                    ? ItemAnswer.Accepted
                    : ItemAnswer.Rejected(WordsOf(answer));
            }

            return new BatchAnswer.Judged(answers);
        }

        /// <summary>
        /// A value stands in the path. A gateway that decodes once more than QRadar makes another path of it, or another value: asked for a value that no set
        /// has, only the right number of encodings gets an answer of QRadar's own.
        /// </summary>
        private static async Task<int> FindEncodingsAsync(HttpTarget target, string set, CancellationToken cancellationToken)
        {
            foreach (var encodings in (int[])[1, 2])
            {
                var answer = await target.CallAsync(Removal(set, "phishme/no/such/value", encodings), cancellationToken).ConfigureAwait(false);
                if (answer.Status == HttpStatusCode.NotFound && CodeOf(answer) is not null)
                {
                    return encodings;
                }
            }

            throw target.Misconfigured(
                $"Values cannot be taken back from {set}: QRadar, or a gateway in front of it, does not answer that a value is missing. Let host_with_protocol of [{target.Section}] name the console itself.");
        }

        private static HttpCall Removal(string set, string value, int encodings)
        {
            for (var i = 0; i < encodings; i++)
            {
                value = Uri.EscapeDataString(value);
            }

            return HttpCall.Delete($"/api/reference_data/sets/{Uri.EscapeDataString(set)}/{value}");
        }

        private HttpCall Call(HttpMethod method, string pathAndQuery, ReadOnlyMemory<byte>? body = null) => new()
        {
            Method = method,
            PathAndQuery = pathAndQuery,
            Body = body ?? default,
            MediaType = body is null ? null : "application/json",
            Headers = options.Version is string version ? [new("Version", version)] : [],
        };

        private static ReadOnlyMemory<byte> Json(IReadOnlyList<PushItem> items)
        {
            var output = new ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(output))
            {
                writer.WriteStartArray();
                foreach (var item in items)
                {
                    writer.WriteStringValue(Parts(item).Value);
                }

                writer.WriteEndArray();
            }

            return output.WrittenMemory;
        }

        private static int? CodeOf(HttpAnswer answer) =>
            answer.Json() is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty("code", out var code) && code.TryGetInt32(out var number) ? number : null;

        private static string WordsOf(HttpAnswer answer) =>
            answer.Json() is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty("description", out var words)
                ? FormattableString.Invariant($"{(int)answer.Status}: {words}")
                : answer.Words();
    }
}
