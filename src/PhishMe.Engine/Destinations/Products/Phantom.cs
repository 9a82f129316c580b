using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>
/// Splunk SOAR, once Phantom: a container for each threat, with its indicators as artifacts. A container is known by its identifier; artifacts are not, so
/// that those that are there are asked for first. Playbooks run when the last artifact that is really new has been posted.
/// </summary>
internal sealed class Phantom : IProduct
{
    private static readonly HashSet<IndicatorKind> _kinds =
    [
        IndicatorKind.IPv4, IndicatorKind.IPv6, IndicatorKind.Domain, IndicatorKind.Url,
        IndicatorKind.Md5, IndicatorKind.Sha1, IndicatorKind.Sha224, IndicatorKind.Sha256, IndicatorKind.Sha384, IndicatorKind.Sha512,
    ];

    private static readonly SectionSchema _schema = new()
    {
        Name = "integration_phantom",
        Description = "Splunk SOAR (Phantom): a container with artifacts for each threat.",
        KnownIn = KnownIn.PowerShell,
        DeclareKeys = () =>
        [
            Ours(Flag("use", "False", "Deliver threats to Splunk SOAR.")),
            Ours(Url("host_with_protocol", "", "Address of the server.")),
            Ours(Secret("api_token", "Token of an automation user (ph-auth-token).")),
            Ours(Text("label", "Label of the containers. It must exist in SOAR.") with { Default = "events" }),
            Ours(Word("sensitivity", "amber", ["white", "green", "amber", "red"], "Sensitivity of the containers.")),
            Ours(Word("run_automation", "last", ["last", "none"], "last: playbooks run when the artifacts of a delivery are complete. none: they do not run.")),
            .. DeliveryKeys.Indicators("moderate"),
            .. DeliveryKeys.Threats(),
            HttpKeys.Verify(),
            .. HttpKeys.Connection(),
        ],
    };

    public IReadOnlyList<SectionSchema> Sections => [_schema];

    public IReadOnlyList<Destination> Read(ProductSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var section = settings.Section(_schema);
        if (!section.IsInUse || HttpKeys.Read(section, "api_token") is not HttpTargetSettings target)
        {
            return [];
        }

        var token = section.RequiredSecret("api_token", "Write the token of an automation user, which SOAR shows under Administration, User Management.");
        var mapping = new PhantomContainers(
            section.Text("label") ?? "events", section.Word("sensitivity"), section.Word("run_automation") == "last", IndicatorChoice.Of(settings.Delivery(section), _kinds, includesBenign: true) with { Retention = null });
        return
        [
            new QueuedDestination
            {
                Id = new DestinationId("phantom"),
                Section = section.Name,
                Open = host => new HttpDestination(target, new HeaderAuthentication("ph-auth-token", token, token), new Profile(mapping, host.Id, host.Clock), host),
            },
        ];
    }

    private sealed class Profile(PhantomContainers mapping, DestinationId destination, TimeProvider clock) : IHttpProfile
    {
        private const int PageSize = 200;
        private const string WithdrawnTag = "phishme_withdrawn";

        public QueueBatch LargestBatch => new(20);

        public bool RecognizesRepeats => true;

        public bool KeepsState => true;

        public IndicatorChoice Choice => mapping.Choice;

        public IEnumerable<QueueItem> Compose(Delivery delivery) => mapping.Compose(destination, delivery);

        public Task<BatchAnswer> SendAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken) => SingleCalls.SendAsync(
            items, (item, token) => item.IsRetraction ? CloseAsync(target, item, token) : DeliverAsync(target, item, token), clock, cancellationToken);

        public async IAsyncEnumerable<CheckResult> CheckAsync(HttpTarget target, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var options = await target.CallForJsonAsync(
                HttpCall.Get("/rest/container_options"), json => json.List("label") is not null, cancellationToken).ConfigureAwait(false);
            yield return new CheckResult { Subject = target.Section, Outcome = CheckOutcome.Pass, Message = $"{target.Host} takes the token." };

            var hasLabel = options.List("label")!.Any(label => label.ValueKind == JsonValueKind.String && label.GetString() == mapping.Label);
            yield return new CheckResult
            {
                Subject = target.Section,
                Outcome = hasLabel ? CheckOutcome.Pass : CheckOutcome.Fail,
                Message = hasLabel ? $"The label {mapping.Label} exists." : $"There is no label {mapping.Label} in SOAR. Create it, or change label in [{target.Section}].",
            };

            // A container without a name is refused after the rights were looked at.
            var call = HttpCall.Post("/rest/container", "{}"u8.ToArray());
            var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
            if (answer.IsSuccess || answer.Json() is not { } json || json.Text("message") is null)
            {
                throw target.NotTheProduct(answer, call);
            }

            yield return new CheckResult { Subject = target.Section, Outcome = CheckOutcome.Pass, Message = "The user may add containers. Nothing was written." };
        }

        private static BatchAnswer Accepted(int id) =>
            new BatchAnswer.Judged([ItemAnswer.Accepted with { Reference = id.ToString(CultureInfo.InvariantCulture) }]);

        private static BatchAnswer Refused(HttpTarget target, HttpAnswer answer, HttpCall call) =>
            answer.Json() is { } json && json.Text("message") is not null ? new BatchAnswer.Refused(answer.Words()) : throw target.NotTheProduct(answer, call);

        private static int? IdOf(HttpTarget target, HttpAnswer answer, HttpCall call) =>
            answer.IsSuccess ? target.JsonOf(answer, call, json => json.Number("id") is not null).Number("id") : null;

        private async Task<BatchAnswer> DeliverAsync(HttpTarget target, PushItem item, CancellationToken cancellationToken)
        {
            using var document = JsonDocument.Parse(item.Payload);
            var payload = document.RootElement;
            if (int.TryParse(item.Known?.TargetReference, CultureInfo.InvariantCulture, out var known))
            {
                return await UpdateAsync(target, known, payload, cancellationToken).ConfigureAwait(false);
            }

            // With its artifacts in one call the container is whole, and SOAR runs the playbooks by itself.
            var container = payload.GetProperty("container");
            var call = HttpCall.Post("/rest/container", JsonBody.OfObject(writer =>
            {
                foreach (var member in container.EnumerateObject())
                {
                    member.WriteTo(writer);
                }

                if (mapping.RunsPlaybooks)
                {
                    writer.WritePropertyName("artifacts");
                    payload.GetProperty("artifacts").WriteTo(writer);
                }
            }));
            var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
            if (IdOf(target, answer, call) is int created)
            {
                return mapping.RunsPlaybooks ? Accepted(created) : await UpdateAsync(target, created, payload, cancellationToken).ConfigureAwait(false);
            }

            return answer.Json() is { } refusal && refusal.Number("existing_container_id") is int existing
                ? await UpdateAsync(target, existing, payload, cancellationToken).ConfigureAwait(false)
                : Refused(target, answer, call);
        }

        /// <summary>Posts the artifacts that the container does not have; the last of them starts the playbooks.</summary>
        private async Task<BatchAnswer> UpdateAsync(HttpTarget target, int id, JsonElement payload, CancellationToken cancellationToken)
        {
            if (payload.TryGetProperty("returned", out _))
            {
                await ChangeAsync(target, id, "open", cancellationToken).ConfigureAwait(false);
            }

            var isSecondLook = false;
            while (true)
            {
                var there = await IdentifiersAsync(target, id, cancellationToken).ConfigureAwait(false);
                JsonElement[] missing = [.. payload.GetProperty("artifacts").EnumerateArray().Where(artifact => !there.Contains(artifact.Text("source_data_identifier")!))];
                try
                {
                    for (var i = 0; i < missing.Length; i++)
                    {
                        var call = Artifact(id, missing[i], mapping.RunsPlaybooks && i == missing.Length - 1);
                        var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
                        if (IdOf(target, answer, call) is null)
                        {
                            return Refused(target, answer, call);
                        }
                    }

                    return Accepted(id);
                }
                catch (TargetStoppedException exception) when (exception.IsAnswerLost && !isSecondLook)
                {
                    // The connection broke: whether the artifact is there, only SOAR knows.
                    isSecondLook = true;
                }
            }
        }

        private static HttpCall Artifact(int container, JsonElement artifact, bool runs) => HttpCall.Post("/rest/artifact", JsonBody.OfObject(writer =>
        {
            writer.WriteNumber("container_id", container);
            writer.WriteBoolean("run_automation", runs);
            foreach (var member in artifact.EnumerateObject())
            {
                member.WriteTo(writer);
            }
        })) with
        { IsLookedAfter = true };

        private static async Task<HashSet<string>> IdentifiersAsync(HttpTarget target, int container, CancellationToken cancellationToken)
        {
            var found = new HashSet<string>(StringComparer.Ordinal);
            for (var page = 0; ; page++)
            {
                var json = await target.CallForJsonAsync(
                    HttpCall.Get(FormattableString.Invariant($"/rest/artifact?_filter_container_id={container}&page_size={PageSize}&page={page}")),
                    answer => answer.List("data") is not null,
                    cancellationToken).ConfigureAwait(false);
                var data = json.List("data")!;
                found.UnionWith(data.Select(artifact => artifact.Text("source_data_identifier")).OfType<string>());
                if (data.Count < PageSize)
                {
                    return found;
                }
            }
        }

        private static async Task<BatchAnswer> CloseAsync(HttpTarget target, PushItem item, CancellationToken cancellationToken)
        {
            if (!int.TryParse(item.Known?.TargetReference, CultureInfo.InvariantCulture, out var id))
            {
                var found = await target.CallForJsonAsync(
                    HttpCall.Get($"/rest/container?_filter_source_data_identifier=%22{item.Key}%22"), json => json.List("data") is not null, cancellationToken).ConfigureAwait(false);
                if (found.List("data")!.Select(container => container.Number("id")).FirstOrDefault() is not int known)
                {
                    return new BatchAnswer.Judged([ItemAnswer.Accepted]);
                }

                id = known;
            }

            return await ChangeAsync(target, id, "closed", cancellationToken).ConfigureAwait(false);
        }

        /// <summary>A token may not delete, but it may close. The tags that analysts set stay.</summary>
        private static async Task<BatchAnswer> ChangeAsync(HttpTarget target, int id, string status, CancellationToken cancellationToken)
        {
            var place = FormattableString.Invariant($"/rest/container/{id}");
            var look = HttpCall.Get(place);
            var seen = await target.CallAsync(look, cancellationToken).ConfigureAwait(false);
            if (seen.Status == HttpStatusCode.NotFound && seen.Json() is { } gone && gone.Text("message") is not null)
            {
                return new BatchAnswer.Judged([ItemAnswer.Accepted]);
            }

            var container = target.JsonOf(seen, look, json => json.Number("id") is not null);
            var tags = (container.List("tags") ?? []).Select(tag => tag.GetString()).OfType<string>().Where(tag => tag != WithdrawnTag);
            var call = HttpCall.Post(place, JsonBody.OfObject(writer =>
            {
                writer.WriteString("status", status);
                writer.WriteStartArray("tags");
                foreach (var tag in status == "closed" ? tags.Append(WithdrawnTag) : tags)
                {
                    writer.WriteStringValue(tag);
                }

                writer.WriteEndArray();
            }));
            var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
            return IdOf(target, answer, call) is not null ? new BatchAnswer.Judged([ItemAnswer.Accepted]) : Refused(target, answer, call);
        }
    }
}
