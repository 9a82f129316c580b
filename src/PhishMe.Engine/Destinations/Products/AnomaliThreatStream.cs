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
/// Anomali ThreatStream: observables, written directly or as an import that an analyst approves. 202 says that the request was read; what does not fit is
/// dropped later without a word. So a few values of the first request of a run are looked for, and a warning says when they are not there.
/// </summary>
internal sealed class AnomaliThreatStream : IProduct
{
    /// <summary>ThreatStream sets an end of its own where none is given.</summary>
    private static readonly TimeSpan _forGood = TimeSpan.FromDays(3650);

    private static readonly SectionSchema _schema = new()
    {
        Name = "integration_anomali_threatstream",
        Description = "Anomali ThreatStream: observables.",
        KnownIn = KnownIn.PowerShell,
        DeclareKeys = () =>
        [
            Ours(Flag("use", "False", "Deliver threats to ThreatStream.")),
            Ours(Url("host_with_protocol", "https://api.threatstream.com", "Address of the API; that of your own server for an installation on premises.")),
            Ours(Text("user", "User name, usually an e-mail address.")),
            Ours(Secret("api_token", "API key of the user.")),
            Ours(Word("mode", "direct", ["direct", "import"], "direct: write observables. import: hand them in for approval.")),
            Ours(Word("classification", "private", ["private", "public"], "Who sees the observables.")),
            Ours(Word("itype_mode", "vendor", ["vendor", "role"], "vendor: one indicator type for each kind of value. role: by what the value is used for.")),
            Ours(new KeySchema { Name = "trusted_circles", Kind = ValueKind.List, Description = "Numbers of the trusted circles to share with." }),
            Ours(Number("verify_sample", "3", 0, 20, "Values of the first request of a run that are looked for afterwards. 0: none.")),
            Ours(Number("batch_size", "500", 1, 1000, "Observables per request.")),
            .. DeliveryKeys.Entries("minor", "90"),
            .. ScoreKeys.OfProduct(),
            HttpKeys.Verify(),
            .. HttpKeys.Connection(callsPerSecond: 2),
        ],
    };

    public IReadOnlyList<SectionSchema> Sections => [_schema];

    public IReadOnlyList<Destination> Read(ProductSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var section = settings.Section(_schema);
        if (!section.IsInUse
            || HttpKeys.Read(section, "user and api_token", fallback: new Uri("https://api.threatstream.com")) is not HttpTargetSettings target)
        {
            return [];
        }

        // The address that the portal shows ends with /api; our paths begin with it.
        var address = target.Address.AbsolutePath == "/api" ? new Uri(target.Address.GetLeftPart(UriPartial.Authority)) : target.Address;
        var user = section.RequiredText("user", "Write the name of the user that the API key belongs to.");
        var key = section.RequiredSecret("api_token", "Copy the API key from the user's profile in ThreatStream.");
        var choice = IndicatorChoice.Of(settings.Delivery(section), AnomaliObservables.Kinds, includesBenign: true);
        var mapping = new AnomaliObservables
        {
            IsByRole = section.Word("itype_mode") == "role",
            Retention = choice.Retention ?? _forGood,
            Choice = choice,
        };
        var options = new Options
        {
            IsImport = section.Word("mode") == "import",
            Classification = section.Word("classification"),
            TrustedCircles = [.. section.List("trusted_circles").Select(circle => int.TryParse(circle, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0).Where(circle => circle > 0)],
            Batch = new QueueBatch(section.Integer("batch_size"), 4 * 1024 * 1024),
            Sample = section.Integer("verify_sample"),
        };
        return
        [
            new QueuedDestination
            {
                Id = new DestinationId("anomali_threatstream"),
                Section = section.Name,
                Open = host => new HttpDestination(
                    target with { Address = address },
                    new HeaderAuthentication("Authorization", $"apikey {user}:{key}", key),
                    new Profile(mapping, options, host),
                    host),
            },
        ];
    }

    private sealed record Options
    {
        public bool IsImport { get; init; }

        public required string Classification { get; init; }

        public IReadOnlyList<int> TrustedCircles { get; init; } = [];

        public QueueBatch Batch { get; init; }

        /// <summary>Values to look for; 0 for none.</summary>
        public int Sample { get; init; }
    }

    private sealed class Profile(AnomaliObservables mapping, Options options, DestinationHost host) : IHttpProfile
    {
        private const string Intelligence = "/api/v1/intelligence/";

        /// <summary>Between the looks for a sample; observables are worked off within seconds.</summary>
        private static readonly TimeSpan[] _patience = [TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(20)];

        private bool _isVerified;

        public QueueBatch LargestBatch => options.Batch;

        public bool RecognizesRepeats => !options.IsImport;

        public bool KeepsState => true;

        public IndicatorChoice Choice => mapping.Choice;

        public IEnumerable<QueueItem> Compose(Delivery delivery) => mapping.Compose(host.Id, delivery);

        public async Task<BatchAnswer> SendAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken)
        {
            // An import cannot take anything back: what expires does so by its date.
            PushItem[] sent = [.. items.Where(item => !options.IsImport || !item.IsRetraction)];
            if (sent.Length == 0)
            {
                return BatchAnswer.Accepted(items.Count);
            }

            JsonElement[] observables = [.. sent.Select(Parsed)];
            var refused = options.IsImport
                ? await ImportAsync(target, observables, cancellationToken).ConfigureAwait(false)
                : await WriteAsync(target, observables, cancellationToken).ConfigureAwait(false);
            if (refused is not null)
            {
                return refused;
            }

            await VerifyAsync(target, [.. sent.Zip(observables).Where(pair => !pair.First.IsRetraction).Select(pair => pair.Second)], cancellationToken).ConfigureAwait(false);
            return BatchAnswer.Accepted(items.Count);
        }

        public async IAsyncEnumerable<CheckResult> CheckAsync(HttpTarget target, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await FindAsync(target, "limit=1", cancellationToken).ConfigureAwait(false);
            yield return new CheckResult { Subject = target.Section, Outcome = CheckOutcome.Pass, Message = $"{target.Host} takes the API key." };

            // No observables: the rights are looked at, and nothing is written.
            var call = Patch([]);
            var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
            if (answer.Status != HttpStatusCode.Accepted && answer.Json() is null)
            {
                throw target.NotTheProduct(answer, call);
            }

            yield return new CheckResult { Subject = target.Section, Outcome = CheckOutcome.Pass, Message = "The user may write observables. Nothing was written." };
        }

        private static JsonElement Parsed(PushItem item)
        {
            using var document = JsonDocument.Parse(item.Payload);
            return document.RootElement.Clone();
        }

        private static bool IsForPeople(HttpAnswer answer) => answer.MediaType is "text/html";

        private HttpCall Patch(IReadOnlyList<JsonElement> observables) => new()
        {
            Method = HttpMethod.Patch,
            PathAndQuery = Intelligence,
            MediaType = "application/json",
            Body = JsonBody.OfObject(writer =>
            {
                writer.WriteStartObject("meta");
                writer.WriteString("classification", options.Classification);
                writer.WriteBoolean("allow_unresolved", true);
                // Without it the platform replaces our confidence by its own.
                writer.WriteNumber("source_confidence_weight", 100);
                if (options.TrustedCircles.Count > 0)
                {
                    writer.WriteStartArray("trusted_circles");
                    foreach (var circle in options.TrustedCircles)
                    {
                        writer.WriteNumberValue(circle);
                    }

                    writer.WriteEndArray();
                }

                writer.WriteEndObject();
                writer.WriteStartArray("objects");
                foreach (var observable in observables)
                {
                    observable.WriteTo(writer);
                }

                writer.WriteEndArray();
            }),
        };

        /// <returns>Null when the request was accepted.</returns>
        private async Task<BatchAnswer?> WriteAsync(HttpTarget target, IReadOnlyList<JsonElement> observables, CancellationToken cancellationToken)
        {
            var call = Patch(observables);
            var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
            return answer.Status == HttpStatusCode.Accepted && !IsForPeople(answer) ? null
                : !answer.IsSuccess && answer.Json() is not null ? new BatchAnswer.Refused(answer.Words())
                : throw target.NotTheProduct(answer, call);
        }

        /// <summary>An import has one indicator type for each kind of value, one confidence and one end for all it holds: so there may be several.</summary>
        private async Task<BatchAnswer?> ImportAsync(HttpTarget target, IReadOnlyList<JsonElement> observables, CancellationToken cancellationToken)
        {
            foreach (var call in AnomaliImport.Of(observables, options.Classification, options.TrustedCircles))
            {
                var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
                if (!answer.IsSuccess && answer.Json() is not null)
                {
                    return new BatchAnswer.Refused(answer.Words());
                }

                target.JsonOf(answer, call, json => json.TryGetProperty("success", out var success) && success.ValueKind == JsonValueKind.True && json.TryGetProperty("import_session_id", out _));
            }

            return null;
        }

        private static Task<JsonElement> FindAsync(HttpTarget target, string query, CancellationToken cancellationToken) =>
            target.CallForJsonAsync(HttpCall.Get($"/api/v2/intelligence/?{query}"), json => json.List("objects") is not null, cancellationToken);

        private async Task VerifyAsync(HttpTarget target, IReadOnlyList<JsonElement> observables, CancellationToken cancellationToken)
        {
            if (_isVerified || options.IsImport || options.Sample == 0 || observables.Count == 0)
            {
                return;
            }

            _isVerified = true;
            // Spread over the request: values of one kind often stand together.
            var step = Math.Max(1, observables.Count / options.Sample);
            List<string> missing = [.. observables.Where((_, index) => index % step == 0).Take(options.Sample).Select(AnomaliObservables.ValueOf)];
            var looked = missing.Count;
            foreach (var wait in (TimeSpan[])[TimeSpan.Zero, .. _patience])
            {
                if (wait > TimeSpan.Zero)
                {
                    await Task.Delay(wait, host.Clock, cancellationToken).ConfigureAwait(false);
                }

                foreach (var value in missing.ToArray())
                {
                    var found = await FindAsync(target, $"limit=1&value={Uri.EscapeDataString(value)}", cancellationToken).ConfigureAwait(false);
                    if (found.List("objects")!.Count > 0)
                    {
                        missing.Remove(value);
                    }
                }

                if (missing.Count == 0)
                {
                    return;
                }
            }

            host.Warn(FormattableString.Invariant(
                $"{host.Id}: ThreatStream accepted the observables, but {missing.Count} of {looked} that were looked for are not there. It drops what does not fit without a message. Look for {missing[0]} there, and check classification and itype_mode in [{target.Section}]."));
        }
    }
}
