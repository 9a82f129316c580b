using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>ThreatConnect: a group for each threat and its indicators, by batch jobs of the API's version 2.</summary>
internal sealed class ThreatConnect : IProduct
{
    private static readonly HashSet<IndicatorKind> _kinds = [IndicatorKind.Domain, IndicatorKind.IPv4, IndicatorKind.IPv6, IndicatorKind.Url, IndicatorKind.Email];

    private static readonly SectionSchema _schema = new()
    {
        Name = "integration_threatconnect",
        Description = "ThreatConnect: groups and indicators.",
        DeclareKeys = () =>
        [
            Flag("use", "False", "Deliver threats to ThreatConnect."),
            CheckConfig(),
            Text("api_default_org", "Owner of what is delivered."),
            Url("api_base_url", "", "Address of the API, such as https://threatconnect.example/api."),
            Text("threatconnect_group", "Threat or Incident.") with { Default = "Threat" },
            new KeySchema { Name = "threatconnect_log_file", Kind = ValueKind.OutputFile, Description = "No effect: log of older versions.", IsIgnored = true },
            Text("threatconnect_log_level", "No effect: log level of older versions.") with { IsIgnored = true },
            Secret("tc_token", "API token, instead of api_access_id and api_secret_key."),
            Ours(Text("api_access_id", "Access id of an API user.")),
            Ours(Secret("api_secret_key", "Secret key of the API user.")),
            .. DeliveryKeys.Entries(retentionDays: "0"),
            .. ScoreKeys.OfProduct(),
            HttpKeys.Verify(),
            .. HttpKeys.Connection(),
        ],
    };

    public IReadOnlyList<SectionSchema> Sections => [_schema];

    public IReadOnlyList<Destination> Read(ProductSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var section = settings.Section(_schema);
        if (!section.IsInUse)
        {
            return [];
        }

        var owner = section.RequiredText("api_default_org", "Write the name of the owner, as ThreatConnect shows it.");
        var token = section.Secret("tc_token");
        var accessId = token is null ? section.RequiredText("api_access_id", "Write the access id of an API user, or an API token in tc_token.") : string.Empty;
        var secret = token is null ? section.RequiredSecret("api_secret_key", "Write the secret key of the API user, or an API token in tc_token.") : string.Empty;
        var group = section.Text("threatconnect_group") ?? "Threat";
        if (group is not ("Threat" or "Incident"))
        {
            section.Report(FindingRules.NotAChoice, "threatconnect_group", "Write Threat or Incident.");
        }

        var keys = token is null ? "api_access_id and api_secret_key, and the clock of this machine: signatures are valid for five minutes," : "tc_token";
        if (HttpKeys.Read(section, keys, "api_base_url") is not HttpTargetSettings address || owner.Length == 0 || (token is null && (accessId.Length == 0 || secret.Length == 0)))
        {
            return [];
        }

        // The path is part of what is signed, and it is written once.
        var root = address.Address.AbsolutePath.TrimEnd('/') is { Length: > 0 } path ? path : "/api";
        var target = address with { Address = new Uri(address.Address.GetLeftPart(UriPartial.Authority)) };
        var id = new DestinationId("threatconnect");
        var choice = IndicatorChoice.Of(settings.Delivery(section), _kinds, includesBenign: true) with { SharesEntries = true };
        var options = new Options { Root = root, Owner = owner, Group = group, Choice = choice };
        return
        [
            new QueuedDestination
            {
                Id = id,
                Section = section.Name,
                Retention = choice.Retention,
                Open = host => new HttpDestination(
                    target,
                    token is null ? new SignatureAuthentication(accessId, secret, host.Clock) : new HeaderAuthentication("Authorization", $"TC-Token {token}", token),
                    new Profile(id, options, host.Clock),
                    host),
            },
        ];
    }

    /// <summary>What goes to the owner, and how.</summary>
    internal sealed record Options
    {
        /// <summary>Path of the API, with a slash before it and none behind it.</summary>
        public string Root { get; init; } = "/api";

        public required string Owner { get; init; }

        /// <summary>Threat or Incident.</summary>
        public string Group { get; init; } = "Threat";

        public IndicatorChoice Choice { get; init; } = new() { Kinds = _kinds };
    }

    /// <summary>A job is made, filled, and asked for until it is over; its errors name the things that were refused.</summary>
    internal sealed class Profile(DestinationId id, Options options, TimeProvider clock) : IHttpProfile
    {
        private static readonly TimeSpan _firstQuestion = TimeSpan.FromMilliseconds(200);
        private static readonly TimeSpan _betweenQuestions = TimeSpan.FromSeconds(10);
        private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

        private readonly ThreatConnectItems _items = new(id, options);

        /// <summary>25,000 indicators at most in a job, and a limit of bytes that is not published.</summary>
        public QueueBatch LargestBatch { get; } = new(5000, 8 * 1024 * 1024);

        public bool RecognizesRepeats => true;

        public bool KeepsState => true;

        public IndicatorChoice Choice => _items.Counted;

        public string LotOf(PushItem item) => item.IsRetraction ? "Delete" : "Create";

        public IEnumerable<QueueItem> Compose(Delivery delivery) => _items.Of(delivery);

        public async Task<BatchAnswer> SendAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken)
        {
            var job = await MakeJobAsync(target, LotOf(items[0]), cancellationToken).ConfigureAwait(false);
            var fill = HttpCall.Post(FormattableString.Invariant($"{options.Root}/v2/batch/{job}"), Body(items), "application/octet-stream");
            var answer = await target.CallAsync(fill, cancellationToken).ConfigureAwait(false);
            if (!answer.IsSuccess)
            {
                return new BatchAnswer.Refused(answer.Words());
            }

            target.JsonOf(answer, fill, IsStatus);
            var errors = await WaitAsync(target, job, cancellationToken).ConfigureAwait(false);
            return errors == 0 ? BatchAnswer.Accepted(items.Count) : await JudgeAsync(target, job, items, errors, cancellationToken).ConfigureAwait(false);
        }

        /// <summary>Reading the owners proves the signature; a job without an owner is refused for the owner only to those who may make jobs.</summary>
        public async IAsyncEnumerable<CheckResult> CheckAsync(HttpTarget target, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var owners = await target.CallForJsonAsync(HttpCall.Get($"{options.Root}/v2/owners"), IsStatus, cancellationToken).ConfigureAwait(false);
            yield return new CheckResult { Subject = target.Section, Outcome = CheckOutcome.Pass, Message = $"{target.Host} accepts the credentials." };
            if (!NamesOf(owners).Contains(options.Owner, StringComparer.OrdinalIgnoreCase))
            {
                yield return new CheckResult
                {
                    Subject = target.Section,
                    Outcome = CheckOutcome.Fail,
                    Message = $"ThreatConnect does not show the owner '{options.Owner}' to this account. Check api_default_org in [{target.Section}].",
                };
                yield break;
            }

            var answer = await target.CallAsync(HttpCall.Post($"{options.Root}/v2/batch", "{}"u8.ToArray()), cancellationToken).ConfigureAwait(false);
            yield return answer.Status == HttpStatusCode.BadRequest
                ? new CheckResult { Subject = target.Section, Outcome = CheckOutcome.Pass, Message = "The account may make batch jobs." }
                : new CheckResult
                {
                    Subject = target.Section,
                    Outcome = CheckOutcome.Warn,
                    Message = $"Nothing proves that the account may make batch jobs: a job without an owner was answered with {(int)answer.Status}.",
                };
        }

        /// <summary>Every text under <c>name</c>, wherever the version of the product puts the list.</summary>
        private static IEnumerable<string?> NamesOf(JsonElement json) => json.ValueKind switch
        {
            JsonValueKind.Object => json.EnumerateObject().SelectMany(property =>
                property.Name == "name" && property.Value.ValueKind == JsonValueKind.String ? [property.Value.GetString()] : NamesOf(property.Value)),
            JsonValueKind.Array => json.EnumerateArray().SelectMany(NamesOf),
            _ => [],
        };

        private static bool IsStatus(JsonElement json) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty("status", out _);

        private async Task<long> MakeJobAsync(HttpTarget target, string action, CancellationToken cancellationToken)
        {
            var call = HttpCall.Post($"{options.Root}/v2/batch", ThreatConnectItems.Json(writer =>
            {
                writer.WriteString("owner", options.Owner);
                writer.WriteBoolean("haltOnError", false);
                writer.WriteString("action", action);
                writer.WriteString("attributeWriteType", "Replace");
                writer.WriteString("tagWriteType", "Replace");
                writer.WriteString("securityLabelWriteType", "Replace");
                writer.WriteString("version", "V2");
            }));
            var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
            if (!answer.IsSuccess)
            {
                throw target.Misconfigured($"ThreatConnect does not make a batch job ({answer.Words()}). Check api_default_org in [{target.Section}].", call);
            }

            var json = target.JsonOf(answer, call, made =>
                IsStatus(made) && made.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object && data.TryGetProperty("batchId", out var given) && given.TryGetInt64(out _));
            return json.GetProperty("data").GetProperty("batchId").GetInt64();
        }

        /// <returns>Things that the job refused.</returns>
        private async Task<int> WaitAsync(HttpTarget target, long job, CancellationToken cancellationToken)
        {
            var began = clock.GetTimestamp();
            var call = HttpCall.Get(FormattableString.Invariant($"{options.Root}/v2/batch/{job}"));
            for (var wait = _firstQuestion; ; wait = wait * 2 < _betweenQuestions ? wait * 2 : _betweenQuestions)
            {
                var json = await target.CallForJsonAsync(
                    call, found => IsStatus(found) && found.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object && data.TryGetProperty("batchStatus", out _), cancellationToken).ConfigureAwait(false);
                var status = json.GetProperty("data").GetProperty("batchStatus");
                if (status.GetProperty("status").GetString() == "Completed")
                {
                    return Number(status, "errorCount") + Number(status, "unprocessCount");
                }

                if (clock.GetElapsedTime(began) >= _patience)
                {
                    throw target.Unavailable(FormattableString.Invariant(
                        $"The batch job {job} is {status.GetProperty("status").GetString()} after {_patience.TotalMinutes:0} minutes. What it holds stays queued."), call);
                }

                await Task.Delay(wait, clock, cancellationToken).ConfigureAwait(false);
            }
        }

        private static int Number(JsonElement status, string name) => status.TryGetProperty(name, out var given) && given.TryGetInt32(out var number) ? number : 0;

        /// <summary>An error names the thing by its id or its value. When it names neither, the batch is taken apart.</summary>
        private async Task<BatchAnswer> JudgeAsync(HttpTarget target, long job, IReadOnlyList<PushItem> items, int count, CancellationToken cancellationToken)
        {
            var call = HttpCall.Get(FormattableString.Invariant($"{options.Root}/v2/batch/{job}/errors"));
            var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
            string[] errors = answer.Json() is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray().Select(error => error.GetRawText())] : [];
            var answers = new ItemAnswer[items.Count];
            var found = 0;
            for (var i = 0; i < answers.Length; i++)
            {
                var xid = XidOf(items[i]);
                var error = Array.Find(errors, text => text.Contains(xid, StringComparison.Ordinal));
                found += error is null ? 0 : 1;
                answers[i] = error is null ? ItemAnswer.Accepted : ItemAnswer.Rejected(ReasonOf(error));
            }

            return found == count
                ? new BatchAnswer.Judged(answers)
                : new BatchAnswer.Refused(errors.Length > 0 ? ReasonOf(errors[0]) : FormattableString.Invariant($"the job refused {count} of {items.Count}"));
        }

        private static string ReasonOf(string error)
        {
            using var document = JsonDocument.Parse(error);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("errorReason", out var reason) ? reason.ToString() : "refused by the job";
        }

        private static string XidOf(PushItem item)
        {
            using var document = JsonDocument.Parse(item.Payload);
            return document.RootElement.EnumerateObject().First().Value.GetProperty("xid").GetString()!;
        }

        private static ReadOnlyMemory<byte> Body(IReadOnlyList<PushItem> items) => ThreatConnectItems.Json(writer =>
        {
            foreach (var kind in (string[])["indicator", "group"])
            {
                writer.WriteStartArray(kind);
                foreach (var item in items)
                {
                    using var document = JsonDocument.Parse(item.Payload);
                    if (document.RootElement.TryGetProperty(kind, out var thing))
                    {
                        thing.WriteTo(writer);
                    }
                }

                writer.WriteEndArray();
            }
        });
    }
}
