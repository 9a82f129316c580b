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
/// CRITs: a campaign for each threat, its files as samples, its watch list as indicators. Every post of a known source adds another entry to it, so that
/// only what is new is posted. 200 says nothing; <c>return_code</c> does.
/// </summary>
internal sealed class Crits : IProduct
{
    private static readonly HashSet<IndicatorKind> _kinds = [IndicatorKind.IPv4, IndicatorKind.IPv6, IndicatorKind.Domain, IndicatorKind.Url, IndicatorKind.Email, IndicatorKind.Md5];

    private static readonly SectionSchema _schema = new()
    {
        Name = "integration_crits",
        Description = "CRITs: campaigns, samples and indicators.",
        DeclareKeys = () =>
        [
            Flag("use", "False", "Deliver threats to CRITs."),
            CheckConfig(),
            Flag("ssl_verify", "True", "Verify the certificate. False is dangerous, and every run says so."),
            Url("host_with_protocol", "", "Address of the server."),
            Text("user", "User name.") with { MinimumLength = 3 },
            Secret("api_token", "API key of the user.") with { MinimumLength = 40 },
            Secret("api_key", "Another name of api_token. If both are present, api_token wins.") with { MinimumLength = 40, KnownIn = KnownIn.Documentation2017 },
            Text("source", "Name of the source that everything is filed under. It must exist in CRITs.") with { MinimumLength = 3 },
            Word("minimum_impact", "", ["none", "minor", "moderate", "major"], "Lowest impact to deliver. Empty: as in [integration_defaults].") with { MayBeEmpty = true },
            Ours(Text("bucket_list", "Buckets to file everything in, with commas between them.")),
            Ours(Word("tlp", "amber", ["white", "green", "amber", "red"], "Traffic light marking of what is filed.")),
            .. DeliveryKeys.Indicators().Where(key => key.Name != "minimum_impact"),
            .. DeliveryKeys.Threats(),
            DeliveryKeys.KeptFor("0"),
            .. HttpKeys.Connection(),
        ],
    };

    public IReadOnlyList<SectionSchema> Sections => [_schema];

    public IReadOnlyList<Destination> Read(ProductSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var section = settings.Section(_schema);
        if (!section.IsInUse || HttpKeys.Read(section, "user and api_token") is not HttpTargetSettings target)
        {
            return [];
        }

        var user = section.RequiredText("user", "Write the name of the user that the API key belongs to.");
        var key = section.Secret("api_token") ?? section.Secret("api_key");
        if (key is null && section.Unchecked("api_key") is null)
        {
            section.ReportMissing("api_token", "Write the API key of the user.");
        }

        var choice = IndicatorChoice.Of(settings.Delivery(section), _kinds, includesBenign: true) with { SharesEntries = true };
        var profile = new Mapping(
            section.RequiredText("source", "Write the name of a source of CRITs."),
            section.Text("bucket_list"),
            section.Word("tlp"),
            choice);
        return
        [
            new QueuedDestination
            {
                Id = new DestinationId("crits"),
                Section = section.Name,
                Retention = choice.Retention,
                Open = host => new HttpDestination(
                    target, new HeaderAuthentication("Authorization", $"ApiKey {user}:{key}", key ?? string.Empty), new Profile(profile, host.Id, host.Clock), host),
            },
        ];
    }

    /// <summary>What stands in the payload of an item: the resource, a blank, a note, a line feed, and the form.</summary>
    internal sealed record Mapping(string Source, string? Buckets, string Tlp, IndicatorChoice Choice)
    {
        /// <summary>The threat was withdrawn and came back.</summary>
        public const string Returned = "returned";

        /// <summary>The value left this threat, but another one carries it.</summary>
        public const string Kept = "kept";

        public static (string Resource, string Note, ReadOnlyMemory<byte> Form) Parts(ReadOnlyMemory<byte> payload)
        {
            var end = payload.Span.IndexOf((byte)'\n');
            var head = Encoding.UTF8.GetString(payload.Span[..end]).Split(' ');
            return (head[0], head[1], payload[(end + 1)..]);
        }

        /// <summary>Malware keeps the bare number, as the original wrote it; a phish may have the same one.</summary>
        public static string CampaignOf(Threat threat)
        {
            ArgumentNullException.ThrowIfNull(threat);
            var id = threat.Type == ThreatType.Malware ? FormattableString.Invariant($"{threat.Id.Number}") : threat.Id.ToString();
            return $"{threat.Label ?? "Threat"} ({id})";
        }

        public IEnumerable<QueueItem> Compose(DestinationId destination, Delivery delivery)
        {
            ArgumentNullException.ThrowIfNull(delivery);
            foreach (var threat in delivery.Threats)
            {
                if (threat.Unit.Model is Threat model && Choice.Wants(model.Id))
                {
                    yield return new QueueItem { Destination = destination, Threat = threat.Id, Key = $"campaign/{threat.Id}", Payload = Campaign(model) };
                }
            }

            foreach (var item in ThreatItems.Compose(
                Choice,
                destination,
                delivery,
                (threat, model, indicator) => Entry(indicator, threat.Before is { Withdrawn: true } ? Returned : string.Empty, [.. Names(indicator), .. Facts(model, indicator)]),
                (indicator, isKept) => Entry(indicator, isKept ? Kept : string.Empty, [.. Names(indicator)])))
            {
                yield return item;
            }
        }

        private static IEnumerable<(string Name, string? Value)> Names(Indicator indicator) => indicator.Kind == IndicatorKind.Md5
            ? [("upload_type", "metadata"), ("md5", indicator.NormalizedValue)]
            : [("type", TypeOf(indicator.Kind)), ("value", ValueOf(indicator))];

        private static string TypeOf(IndicatorKind kind) => kind switch
        {
            IndicatorKind.Domain => "Domain",
            IndicatorKind.IPv4 => "IPv4 Address",
            IndicatorKind.IPv6 => "IPv6 Address",
            IndicatorKind.Url => "URI",
            _ => "Email Address",
        };

        private static string ThreatTypeOf(IndicatorKind kind) => kind switch
        {
            IndicatorKind.Domain => "Malicious Domain",
            IndicatorKind.IPv4 or IndicatorKind.IPv6 => "Malicious IP",
            IndicatorKind.Url => "Malicious URL",
            _ => "Bad Actor",
        };

        /// <summary>The original cut what sentences leave behind an address.</summary>
        private static string ValueOf(Indicator indicator) =>
            indicator.Kind == IndicatorKind.Url ? IndicatorValue.Of(indicator).TrimEnd('?', '.') : IndicatorValue.Of(indicator);

        private static ReadOnlyMemory<byte> Entry(Indicator indicator, string note, (string Name, string? Value)[] fields) =>
            Payload(indicator.Kind == IndicatorKind.Md5 ? "samples" : "indicators", note, fields);

        private static ReadOnlyMemory<byte> Payload(string resource, string note, IEnumerable<(string Name, string? Value)> fields) => Encoding.UTF8.GetBytes(
            $"{resource} {note}\n" + string.Join('&', fields.Where(field => !string.IsNullOrEmpty(field.Value)).Select(field => $"{field.Name}={Uri.EscapeDataString(field.Value!)}")));

        private ReadOnlyMemory<byte> Campaign(Threat threat) => Payload(
            "campaigns", string.Empty, [("name", CampaignOf(threat)), ("description", threat.ExecutiveSummary ?? threat.Title), ("source", Source), ("bucket_list", Buckets)]);

        private IEnumerable<(string Name, string? Value)> Facts(Threat threat, Indicator indicator)
        {
            if (indicator.Kind == IndicatorKind.Md5)
            {
                var hashes = IndicatorRecords.Of(threat).FirstOrDefault(record => record.Kind == IndicatorKind.Md5 && record.NormalizedValue == indicator.NormalizedValue)?.FileHashes
                    ?? FileHashes.None;
                yield return ("filename", indicator.FileName ?? indicator.NormalizedValue);
                yield return ("sha1", hashes.Sha1);
                yield return ("sha256", hashes.Sha256);
                yield return ("description", Described(indicator.Family ?? indicator.DeliveryMechanism, threat));
            }
            else
            {
                yield return ("threat_type", ThreatTypeOf(indicator.Kind));
                yield return ("attack_type", "Phishing");
                yield return ("indicator_confidence", "high");
                yield return ("indicator_impact", ImpactScores.Of(IndicatorChoice.ImpactOf(indicator)).CritsImpact);
                yield return ("description", indicator.RoleDescription ?? indicator.Role);
            }

            yield return ("source", Source);
            yield return ("reference", threat.ThreatDetailUri);
            yield return ("campaign", CampaignOf(threat));
            yield return ("confidence", "high");
            yield return ("bucket_list", Buckets);
            yield return ("tlp", Tlp);
        }

        private static string? Described(string? family, Threat threat) =>
            family is not null && threat.Descriptions.TryGetValue(family, out var description) ? $"{family}: {description}" : family;
    }

    private sealed class Profile(Mapping mapping, DestinationId destination, TimeProvider clock) : IHttpProfile
    {
        private const string Form = "application/x-www-form-urlencoded";

        public QueueBatch LargestBatch => new(50);

        public bool RecognizesRepeats => true;

        public bool KeepsState => true;

        public IndicatorChoice Choice => mapping.Choice;

        public IEnumerable<QueueItem> Compose(Delivery delivery) => mapping.Compose(destination, delivery);

        public Task<BatchAnswer> SendAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken) => SingleCalls.SendAsync(
            items, (item, token) => item.IsRetraction ? WithdrawAsync(target, item, token) : AddAsync(target, item, token), clock, cancellationToken);

        public async IAsyncEnumerable<CheckResult> CheckAsync(HttpTarget target, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await target.CallForJsonAsync(HttpCall.Get("/api/v1/campaigns/?limit=1"), json => json.List("objects") is not null, cancellationToken).ConfigureAwait(false);
            yield return new CheckResult { Subject = target.Section, Outcome = CheckOutcome.Pass, Message = $"{target.Host} takes the API key." };

            // A campaign without a name is refused after the rights were looked at.
            var json = await PostAsync(target, "campaigns", ReadOnlyMemory<byte>.Empty, cancellationToken).ConfigureAwait(false);
            var words = json.Text("message") ?? string.Empty;
            var mayWrite = !words.Contains("permission", StringComparison.OrdinalIgnoreCase);
            yield return new CheckResult
            {
                Subject = target.Section,
                Outcome = mayWrite ? CheckOutcome.Pass : CheckOutcome.Fail,
                Message = mayWrite
                    ? "The user may post. Nothing was written."
                    : $"The user may not post: {words}. Give it a role in CRITs that may add campaigns, samples and indicators.",
            };
        }

        private static async Task<JsonElement> PostAsync(HttpTarget target, string resource, ReadOnlyMemory<byte> form, CancellationToken cancellationToken) =>
            await target.CallForJsonAsync(
                HttpCall.Post($"/api/v1/{resource}/", form, Form), json => json.Number("return_code") is not null, cancellationToken).ConfigureAwait(false);

        private static BatchAnswer Refused(JsonElement json) => new BatchAnswer.Refused(json.Text("message") is { Length: > 0 } words ? words : "CRITs gave no reason.");

        private static async Task<BatchAnswer> AddAsync(HttpTarget target, PushItem item, CancellationToken cancellationToken)
        {
            var (resource, note, form) = Mapping.Parts(item.Payload);
            var json = await PostAsync(target, resource, form, cancellationToken).ConfigureAwait(false);
            if (json.Number("return_code") != 0)
            {
                return Refused(json);
            }

            var id = json.Text("id");
            if (note == Mapping.Returned && resource != "campaigns" && id is not null)
            {
                await SetStatusAsync(target, resource, id, "In Progress", cancellationToken).ConfigureAwait(false);
            }

            return new BatchAnswer.Judged([ItemAnswer.Accepted with { Reference = id }]);
        }

        /// <summary>CRITs deletes nothing for a user: the status says it, unless someone else has the indicator from a source of their own.</summary>
        private async Task<BatchAnswer> WithdrawAsync(HttpTarget target, PushItem item, CancellationToken cancellationToken)
        {
            var (resource, note, form) = Mapping.Parts(item.Payload);
            if (note == Mapping.Kept)
            {
                return new BatchAnswer.Judged([ItemAnswer.Accepted]);
            }

            var id = item.Known?.TargetReference;
            var filter = string.IsNullOrEmpty(id)
                ? string.Join('&', Encoding.UTF8.GetString(form.Span).Split('&').Where(field => !field.StartsWith("upload_type", StringComparison.Ordinal)).Select(field => "c-" + field))
                : $"c-_id={id}";
            var found = await target.CallForJsonAsync(
                HttpCall.Get($"/api/v1/{resource}/?limit=1&{filter}"), json => json.List("objects") is not null, cancellationToken).ConfigureAwait(false);
            if (found.List("objects") is not [var record, ..] || IdOf(record) is not string key || IsOfOthers(record))
            {
                return new BatchAnswer.Judged([ItemAnswer.Accepted]);
            }

            var json = await SetStatusAsync(target, resource, key, "Deprecated", cancellationToken).ConfigureAwait(false);
            return json.Number("return_code") == 0 ? new BatchAnswer.Judged([ItemAnswer.Accepted]) : Refused(json);
        }

        /// <summary>Releases differ: the id is a text, or an object around it.</summary>
        private static string? IdOf(JsonElement record) => record.TryGetProperty("_id", out var id) ? record.Text("_id") ?? id.Text("$oid") : null;

        private bool IsOfOthers(JsonElement record) => record.List("source")?.Any(source => source.Text("name") != mapping.Source) == true;

        private static Task<JsonElement> SetStatusAsync(HttpTarget target, string resource, string id, string status, CancellationToken cancellationToken) =>
            target.CallForJsonAsync(
                new HttpCall
                {
                    Method = HttpMethod.Patch,
                    PathAndQuery = $"/api/v1/{resource}/{Uri.EscapeDataString(id)}/",
                    MediaType = "application/json",
                    Body = JsonBody.OfObject(writer =>
                    {
                        writer.WriteString("action", "status_update");
                        writer.WriteString("value", status);
                    }),
                },
                json => json.Number("return_code") is not null,
                cancellationToken);
    }
}
