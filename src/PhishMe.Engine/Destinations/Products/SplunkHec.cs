using System.Buffers;
using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>
/// Splunk by its HTTP event collector: [integration_splunk_hec] says where to and what of malware, [integration_splunk_brandintelligence] adds what of phish,
/// [integration_splunk_intelligence] turns everything of malware on.
/// </summary>
internal sealed class SplunkHec : IProduct
{
    private static readonly SectionSchema _collector = new()
    {
        Name = "integration_splunk_hec",
        Description = "Splunk, by its HTTP event collector.",
        DeclareKeys = () =>
        [
            Flag("use", "False", "Deliver threats to Splunk."),
            CheckConfig(),
            Secret("token", "Token of the HTTP event collector.") with { IsRequired = true },
            Url("event_url", "", "Address of the HTTP event collector, such as https://splunk.example:8088/services/collector/event.") with { IsRequired = true },
            Flag("verify_splunk_ssl", "True", "Verify the certificate. False is dangerous, and every run says so."),
            Flag("json_raw", "1", "Send threats."),
            Flag("json_blockset", "0", "Send block entries."),
            Flag("json_executableset", "0", "Send files."),
            Flag("json_senderemailset", "0", "Send senders."),
            Flag("json_sendersubjectset", "0", "Send subjects."),
            Ours(Text("index", "Index of the events. Empty: that of the token.")),
            Ours(Text("source", "Source of the events. Empty: that of the token.")),
            Ours(Text("sourcetype", "Source type of the events. Empty: that of the token.")),
            Ours(Flag("use_ack", "False", "The token has indexer acknowledgement: an event counts as delivered when the indexer says so.")),
            Ours(Flag("send_deleted", "True", "Send an event for a threat that was withdrawn.")),
            Ours(Flag("gzip", "False", "Compress requests.")),
            Ours(Number("batch_events", "500", 1, 10_000, "Events per request.")),
            Ours(Number("batch_kb", "512", 16, 102_400, "Kilobytes (2^10 bytes) per request, before compression.")),
            .. HttpKeys.Connection(),
        ],
    };

    private static readonly SectionSchema _brand = new()
    {
        Name = "integration_splunk_brandintelligence",
        Description = "Splunk, brand intelligence: what of phishing pages goes to the collector of [integration_splunk_hec].",
        DeclareKeys = () =>
        [
            Flag("use", "False", "Deliver phishing pages to Splunk."),
            CheckConfig(),
            Text("checkpoint_dir", "No effect: setting of the Splunk app.") with { IsIgnored = true },
            Text("input_name", "No effect: setting of the Splunk app.") with { IsIgnored = true },
            Flag("output_action_urls", "False", "Send action URLs."),
            Flag("output_reported_urls", "False", "Send reported URLs."),
            Flag("output_kits", "False", "Send kits."),
            Flag("output_kit_files", "False", "Send files of kits."),
            Flag("output_kit_file_emails", "False", "Send addresses in kits."),
            Flag("output_web_components", "False", "Send web components."),
            Flag("output_phish_url", "False", "Send phishing URLs."),
        ],
    };

    private static readonly SectionSchema _all = new()
    {
        Name = "integration_splunk_intelligence",
        Description = "Splunk, intelligence: everything of malware goes to the collector of [integration_splunk_hec].",
        DeclareKeys = () => [Flag("use", "False", "Send threats, block entries, files, senders and subjects."), CheckConfig()],
    };

    public IReadOnlyList<SectionSchema> Sections => [_collector, _brand, _all];

    public IReadOnlyList<Destination> Read(ProductSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var section = settings.Section(_collector);
        var brand = settings.Section(_brand);
        var all = settings.Section(_all).IsInUse;
        if (!section.IsInUse && !brand.IsInUse && !all)
        {
            return [];
        }

        var token = section.RequiredSecret("token", "Copy it from Splunk: Settings, Data inputs, HTTP Event Collector.");
        if (HttpKeys.Read(section, "token", "event_url", "verify_splunk_ssl") is not HttpTargetSettings target || token.Length == 0)
        {
            return [];
        }

        var id = new DestinationId("splunk_hec");
        var path = target.Address.AbsolutePath is { Length: > 1 } given ? given : "/services/collector/event";
        var connection = target with { Address = new Uri(target.Address.GetLeftPart(UriPartial.Authority)), Compress = section.Boolean("gzip") };
        var wanted = settings.Delivery(section);
        var options = new Options
        {
            Path = path,
            Events = Selection(section, brand, all),
            SendsWithdrawals = section.Boolean("send_deleted") && wanted.Retract,
            Products = wanted.Products,
            Batch = new QueueBatch(section.Integer("batch_events"), section.Integer("batch_kb") * 1024L),
            // The same in every run: acknowledgements of an earlier one are asked for under the same channel.
            Channel = section.Boolean("use_ack") ? NameBasedUuid.Create($"splunk channel {settings.Folder} {connection.Address}") : null,
        };
        return
        [
            new QueuedDestination
            {
                Id = id,
                Section = section.Name,
                Open = host => new HttpDestination(
                    connection, new HeaderAuthentication("Authorization", $"Splunk {token}", token), new Profile(id, options, host.Clock), host),
            },
        ];
    }

    private static SplunkEventSelection Selection(SectionValues section, SectionValues brand, bool all)
    {
        var isBrand = brand.IsInUse;
        return new SplunkEventSelection
        {
            Raw = all || section.Boolean("json_raw"),
            BlockSet = all || section.Boolean("json_blockset"),
            ExecutableSet = all || section.Boolean("json_executableset"),
            SenderEmailSet = all || section.Boolean("json_senderemailset"),
            SubjectSet = all || section.Boolean("json_sendersubjectset"),
            ActionUrls = isBrand && brand.Boolean("output_action_urls"),
            ReportedUrls = isBrand && brand.Boolean("output_reported_urls"),
            Kits = isBrand && brand.Boolean("output_kits"),
            KitFiles = isBrand && brand.Boolean("output_kit_files"),
            KitFileEmails = isBrand && brand.Boolean("output_kit_file_emails"),
            WebComponents = isBrand && brand.Boolean("output_web_components"),
            PhishUrl = isBrand && brand.Boolean("output_phish_url"),
            Index = section.Text("index"),
            Source = section.Text("source"),
            SourceType = section.Text("sourcetype"),
        };
    }

    /// <summary>What goes to the collector, and how.</summary>
    internal sealed record Options
    {
        /// <summary>Path of <c>event_url</c>.</summary>
        public string Path { get; init; } = "/services/collector/event";

        public SplunkEventSelection Events { get; init; } = new();

        public bool SendsWithdrawals { get; init; } = true;

        /// <summary>The products of the vendor whose threats are sent.</summary>
        public IReadOnlySet<ThreatType> Products { get; init; } = new HashSet<ThreatType> { ThreatType.Malware, ThreatType.Phish };

        /// <summary>Events and bytes of one request.</summary>
        public QueueBatch Batch { get; init; } = new(500, 512 * 1024);

        /// <summary>The channel of a token with acknowledgement; null for a token without.</summary>
        public Guid? Channel { get; init; }
    }

    /// <summary>
    /// Events one behind the other in a body. Without acknowledgement 200 says that they were parsed. With it, an event is delivered when the indexer says so.
    /// </summary>
    internal sealed class Profile(DestinationId id, Options options, TimeProvider clock) : IHttpProfile
    {
        private const int Success = 0;
        private const int IncorrectIndex = 7;
        private const int ChannelMissing = 10;

        private static readonly TimeSpan _firstQuestion = TimeSpan.FromMilliseconds(200);
        private static readonly TimeSpan _betweenQuestions = TimeSpan.FromSeconds(10);

        /// <summary>Connectors that gave up sooner sent the same events for ever: the last batch of an indexer is indexed late.</summary>
        private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);

        private readonly SplunkEvents _events = new(options.Events);

        public QueueBatch LargestBatch => options.Batch;

        /// <summary>Waiting for the indexer takes as long for many requests as for one.</summary>
        public int BatchesAtOnce => options.Channel is null ? 4 : 10;

        /// <summary>The collector keeps whatever it parsed, as often as it gets it.</summary>
        public bool RecognizesRepeats => false;

        /// <summary>A stream: what is new in a threat is found in the store.</summary>
        public bool KeepsState => false;

        public IEnumerable<QueueItem> Compose(Delivery delivery)
        {
            foreach (var threat in delivery.Threats.Where(threat => options.Products.Contains(threat.Id.Type)))
            {
                if (threat.Before is { Withdrawn: false } before && before.Content == threat.Rendition.Content)
                {
                    continue; // A date that moved alone is no news.
                }

                var known = threat.Before is { Withdrawn: false } ? threat.Replaced : null;
                foreach (var payload in _events.Of(threat.Rendition.Bytes, known, threat.Unit.LastPublished))
                {
                    yield return new QueueItem { Destination = id, Threat = threat.Id, Payload = payload };
                }
            }

            foreach (var withdrawn in options.SendsWithdrawals ? delivery.Withdrawn.Where(withdrawn => options.Products.Contains(withdrawn.Id.Type)) : [])
            {
                yield return new QueueItem
                {
                    Destination = id,
                    Verb = DeliveryVerb.Retract,
                    Threat = withdrawn.Id,
                    Payload = _events.Withdrawn(withdrawn.Id, delivery.Now),
                };
            }
        }

        public async Task<BatchAnswer> SendAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken)
        {
            var body = new ArrayBufferWriter<byte>(items.Sum(item => item.Payload.Length));
            foreach (var item in items)
            {
                body.Write(item.Payload.Span);
            }

            var call = Call(options.Path, body.WrittenMemory) with { IsRepeatable = false };
            var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
            if (answer.Status == HttpStatusCode.RequestEntityTooLarge)
            {
                return TooLarge(items, "413");
            }

            if (answer.Json() is not { ValueKind: JsonValueKind.Object } json || !json.TryGetProperty("code", out var given) || !given.TryGetInt32(out var code))
            {
                throw target.NotTheProduct(answer, call);
            }

            if (answer.IsSuccess && code == Success)
            {
                return options.Channel is null ? BatchAnswer.Accepted(items.Count) : new BatchAnswer.Pending(Receipt(target, json));
            }

            return code switch
            {
                IncorrectIndex => throw target.Misconfigured($"Splunk does not take events into this index. Check index in [{target.Section}].", call),
                ChannelMissing => throw target.Misconfigured($"The token wants acknowledgement. Set use_ack = True in [{target.Section}].", call),
                _ when IsTooLong(json) => TooLarge(items, "400"),
                _ => new BatchAnswer.Refused(WordsOf(json), Suspect(json)),
            };
        }

        /// <summary>No answer is negative: false means not yet, or unknown. What is not acknowledged in time stays queued.</summary>
        public async Task<IReadOnlySet<string>> ConfirmAsync(HttpTarget target, IReadOnlyList<string> receipts, CancellationToken cancellationToken)
        {
            var confirmed = new HashSet<string>(StringComparer.Ordinal);
            var began = clock.GetTimestamp();
            for (var wait = _firstQuestion; ; wait = wait * 2 < _betweenQuestions ? wait * 2 : _betweenQuestions)
            {
                var open = receipts.Where(receipt => !confirmed.Contains(receipt)).ToArray();
                var answer = await target.CallForJsonAsync(Question(open), json => json.ValueKind == JsonValueKind.Object && json.TryGetProperty("acks", out _), cancellationToken).ConfigureAwait(false);
                confirmed.UnionWith(answer.GetProperty("acks").EnumerateObject().Where(ack => ack.Value.ValueKind == JsonValueKind.True).Select(ack => ack.Name));
                if (receipts.All(confirmed.Contains) || clock.GetElapsedTime(began) >= _patience)
                {
                    return confirmed;
                }

                await Task.Delay(wait, clock, cancellationToken).ConfigureAwait(false);
            }
        }

        public async IAsyncEnumerable<CheckResult> CheckAsync(HttpTarget target, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            // A body without an event: the token is looked at first (401, 403), then the body is found empty (code 5).
            var call = Call(options.Path, ReadOnlyMemory<byte>.Empty);
            var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
            if (answer.Json() is not { ValueKind: JsonValueKind.Object } json || !json.TryGetProperty("code", out var code))
            {
                throw target.NotTheProduct(answer, call);
            }

            if (code.TryGetInt32(out var number) && number == ChannelMissing)
            {
                throw target.Misconfigured($"The token wants acknowledgement. Set use_ack = True in [{target.Section}].", call);
            }

            yield return new CheckResult { Subject = target.Section, Outcome = CheckOutcome.Pass, Message = $"{target.Host} accepts the token." };
            yield return options.Channel is null
                ? new CheckResult
                {
                    Subject = target.Section,
                    Outcome = CheckOutcome.Warn,
                    Message = "Without acknowledgement nothing proves that the index exists: Splunk may drop events that it accepted. Search for them, or set use_ack = True.",
                }
                : new CheckResult
                {
                    Subject = target.Section,
                    Outcome = CheckOutcome.Pass,
                    Message = "With acknowledgement an event counts as delivered only when it is indexed. That is proven by the first events, not by this check.",
                };
        }

        private static BatchAnswer.Refused TooLarge(IReadOnlyList<PushItem> items, string status) => new(string.Create(
            CultureInfo.InvariantCulture, $"{status}: too large for the collector ({items.Sum(item => (long)item.Payload.Length)} bytes)"))
        { IsAboutItem = true };

        /// <summary>A single event has a limit of its own, and Splunk names it in words only.</summary>
        private static bool IsTooLong(JsonElement json) =>
            json.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String
            && text.GetString()!.Contains("too large", StringComparison.OrdinalIgnoreCase);

        /// <summary>Without the number of the event: the same complaint about another event has the same words.</summary>
        private static string WordsOf(JsonElement json) => string.Create(
            CultureInfo.InvariantCulture, $"code {json.GetProperty("code")}: {(json.TryGetProperty("text", out var text) ? text.ToString() : "no text")}");

        private static int? Suspect(JsonElement json) =>
            json.TryGetProperty("invalid-event-number", out var number) && number.TryGetInt32(out var index) ? index : null;

        private static string Receipt(HttpTarget target, JsonElement json) => json.TryGetProperty("ackId", out var given) && given.TryGetInt64(out var receipt)
            ? receipt.ToString(CultureInfo.InvariantCulture)
            : throw target.Misconfigured(
                $"Splunk gives no ackId: the token has no acknowledgement. Switch it on in Splunk, or set use_ack = False in [{target.Section}].");

        private HttpCall Question(IEnumerable<string> receipts) =>
            Call(AcknowledgementPath, System.Text.Encoding.UTF8.GetBytes($$"""{"acks":[{{string.Join(',', receipts)}}]}"""));

        private HttpCall Call(string pathAndQuery, ReadOnlyMemory<byte> body) => HttpCall.Post(pathAndQuery, body) with
        {
            Headers = options.Channel is Guid known ? [new("X-Splunk-Request-Channel", known.ToString())] : [],
        };

        private string AcknowledgementPath => options.Path.EndsWith("/event", StringComparison.Ordinal)
            ? options.Path[..^"/event".Length] + "/ack"
            : options.Path.TrimEnd('/') + "/ack";
    }
}
