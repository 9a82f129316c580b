using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>
/// Recorded Future: a list of recent entities for malware and one for phish. One call adds or removes one entity. What is over leaves the list again, and so
/// does the oldest when a list is full; entities that someone else put there stay.
/// </summary>
internal sealed class RecordedFuture : IProduct
{
    private static readonly Dictionary<string, IndicatorKind> _kinds = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ipv4"] = IndicatorKind.IPv4,
        ["ipv6"] = IndicatorKind.IPv6,
        ["domain"] = IndicatorKind.Domain,
        ["url"] = IndicatorKind.Url,
        ["md5"] = IndicatorKind.Md5,
        ["sha1"] = IndicatorKind.Sha1,
        ["sha256"] = IndicatorKind.Sha256,
    };

    private static readonly Uri _service = new("https://api.recordedfuture.com");

    private static readonly SectionSchema _schema = new()
    {
        Name = "integration_recorded_future",
        Description = "Recorded Future: lists of recent entities.",
        KnownIn = KnownIn.PowerShell,
        DeclareKeys = () =>
        [
            Ours(Flag("use", "False", "Keep lists in Recorded Future.")),
            Ours(Url("host_with_protocol", "https://api.recordedfuture.com", "Address of the API.")),
            Ours(Secret("api_token", "API token (X-RFToken).")),
            Ours(Text("list_name", "Name of the lists; (malware) and (phish) are added.") with { Default = "PhishMe Intelligence" }),
            Ours(new KeySchema
            {
                Name = "kinds", Kind = ValueKind.List, Default = "ipv4,domain,md5,sha256", Description = "What becomes an entity: ipv4, ipv6, domain, url, md5, sha1, sha256.",
            }),
            Ours(Number("max_entities", "1000", 1, 100_000, "Entities in one list. When it is full, the oldest gives way.")),
            Ours(Flag("collective_insights", "False", "No effect: a detection says that something was seen in your network, which threats of a feed do not.") with
            {
                IsIgnored = true,
            }),
            .. DeliveryKeys.Entries("major", "90"),
            HttpKeys.Verify(),
            .. HttpKeys.Connection(callsPerSecond: 2),
        ],
    };

    public IReadOnlyList<SectionSchema> Sections => [_schema];

    public IReadOnlyList<Destination> Read(ProductSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var section = settings.Section(_schema);
        if (!section.IsInUse || HttpKeys.Read(section, "api_token", fallback: _service) is not HttpTargetSettings target)
        {
            return [];
        }

        var token = section.RequiredSecret("api_token", "Create an API token in Recorded Future, and write it here.");
        // A list of entities does not say how bad each is: the benign are in it only when the section itself asks for everything.
        var choice = IndicatorChoice.Of(
            settings.Delivery(section), KindsOf(section), includesBenign: "none".Equals(section.Unchecked("minimum_impact"), StringComparison.OrdinalIgnoreCase));
        var mapping = new Mapping(choice.Retention ?? TimeSpan.FromDays(3650), choice);
        var name = section.Text("list_name")!;
        var most = section.Integer("max_entities");
        return
        [
            new QueuedDestination
            {
                Id = new DestinationId("recorded_future"),
                Section = section.Name,
                Retention = choice.Retention,
                Open = host => new HttpDestination(target, new HeaderAuthentication("X-RFToken", token, token), new Profile(mapping, name, most, host), host),
            },
        ];
    }

    private static HashSet<IndicatorKind> KindsOf(SectionValues section)
    {
        var kinds = new HashSet<IndicatorKind>();
        var words = section.List("kinds");
        foreach (var word in words.Count > 0 ? words : ["ipv4", "domain", "md5", "sha256"])
        {
            if (_kinds.TryGetValue(word, out var kind))
            {
                kinds.Add(kind);
            }
            else
            {
                section.Report(FindingRules.NotAChoice, "kinds", $"'{word}' is not a kind of entity. Write some of {string.Join(", ", _kinds.Keys)}.");
            }
        }

        return kinds;
    }

    /// <summary>What is made of an indicator: <c>{"list":"malware","entity":"idn:…","until":"2026-02-28"}</c>.</summary>
    /// <param name="Retention">How long an entity stays after the last publication.</param>
    /// <param name="Choice">Which indicators become entities.</param>
    internal sealed record Mapping(TimeSpan Retention, IndicatorChoice Choice)
    {
        public IEnumerable<QueueItem> Compose(DestinationId destination, Delivery delivery)
        {
            ArgumentNullException.ThrowIfNull(delivery);
            return Choice.Compose(destination, delivery, (threat, indicator) =>
            {
                var until = (threat?.LastPublished ?? threat?.FirstPublished ?? delivery.Now) + Retention;
                // What is over already would only have to be taken out again.
                return threat is not null && until <= delivery.Now ? default : JsonBody.OfObject(writer =>
                {
                    writer.WriteString("list", indicator.ThreatId.Type == ThreatType.Malware ? "malware" : "phish");
                    writer.WriteString("entity", EntityOf(indicator));
                    if (threat is not null)
                    {
                        writer.WriteString("until", until.UtcDateTime.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
                    }
                });
            });
        }

        private static string EntityOf(Indicator indicator) => indicator.Kind switch
        {
            IndicatorKind.IPv4 or IndicatorKind.IPv6 => $"ip:{indicator.NormalizedValue}",
            IndicatorKind.Domain => $"idn:{indicator.NormalizedValue}",
            IndicatorKind.Url => $"url:{IndicatorValue.Of(indicator)}",
            _ => $"hash:{indicator.NormalizedValue}",
        };
    }

    private sealed class Profile(Mapping mapping, string name, int most, DestinationHost host) : IHttpProfile
    {
        /// <summary>Entities that one run takes out; the next one goes on.</summary>
        private const int MostOverdue = 500;

        private readonly Dictionary<string, (string Id, int Size)> _lists = new(StringComparer.Ordinal);

        public QueueBatch LargestBatch => new(50);

        public bool RecognizesRepeats => true;

        public bool KeepsState => true;

        public IndicatorChoice Choice => mapping.Choice;

        public TimeSpan? Lifetime => mapping.Retention;

        public IEnumerable<QueueItem> Compose(Delivery delivery) => mapping.Compose(host.Id, delivery);

        public IEnumerable<QueueItem> ComposeEndOfRun() => [new QueueItem { Destination = host.Id, Payload = "overdue"u8.ToArray() }];

        /// <summary>Nothing can be asked in advance. The empty answer has what follows noted as ours, so that it is known again after a kill.</summary>
        public Task<IReadOnlySet<string>?> FindForeignAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlySet<string>?>(new HashSet<string>());

        public Task<BatchAnswer> SendAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken) =>
            SingleCalls.SendAsync(items, (item, token) => ChangeAsync(target, item, token), host.Clock, cancellationToken);

        public async IAsyncEnumerable<CheckResult> CheckAsync(HttpTarget target, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var isProven = false;
            foreach (var list in new[] { "malware", "phish" })
            {
                if (await FindAsync(target, NameOf(list), cancellationToken).ConfigureAwait(false) is string id)
                {
                    // An entity that cannot be in it: the rights are looked at, and nothing changes.
                    var call = Call(id, "remove", "idn:nothing.invalid");
                    var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
                    isProven = answer.Json() is not null ? true : throw target.NotTheProduct(answer, call);
                }
            }

            yield return new CheckResult
            {
                Subject = target.Section,
                Outcome = isProven ? CheckOutcome.Pass : CheckOutcome.Warn,
                Message = isProven
                    ? $"{target.Host} takes the token, and it may change {name}. Nothing was changed."
                    : $"{target.Host} takes the token. Whether it may write cannot be proven before the lists exist: the first run creates {NameOf("malware")} and {NameOf("phish")}.",
            };
        }

        private static HttpCall Call(string list, string change, string entity) => HttpCall.Post(
            $"/list/{Uri.EscapeDataString(list)}/entity/{change}",
            JsonBody.OfObject(writer =>
            {
                writer.WriteStartObject("entity");
                writer.WriteString("id", entity);
                writer.WriteEndObject();
            }));

        private string NameOf(string list) => $"{name} ({list})";

        private async Task<BatchAnswer> ChangeAsync(HttpTarget target, PushItem item, CancellationToken cancellationToken)
        {
            if (item.Key.Length == 0)
            {
                await RemoveOverdueAsync(target, cancellationToken).ConfigureAwait(false);
                return new BatchAnswer.Judged([ItemAnswer.Accepted]);
            }

            using var document = JsonDocument.Parse(item.Payload);
            var list = document.RootElement.Text("list")!;
            var entity = document.RootElement.Text("entity")!;
            var (id, size) = await ListAsync(target, list, cancellationToken).ConfigureAwait(false);
            if (item is { IsRetraction: false, Known: null } && size >= most && !await MakeRoomAsync(target, list, cancellationToken).ConfigureAwait(false))
            {
                return new BatchAnswer.Refused($"The list is full: it holds max_entities = {most}.") { IsAboutItem = true };
            }

            var before = target.Calls;
            var call = Call(id, item.IsRetraction ? "remove" : "add", entity);
            var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
            if (!answer.IsSuccess)
            {
                return await RefusedAsync(target, list, answer, call, cancellationToken).ConfigureAwait(false);
            }

            var result = target.JsonOf(answer, call, json => json.Text("result") is "added" or "removed" or "unchanged").Text("result");
            Count(list, result);
            // There before we came, and not by an answer of ours that was lost: someone else's.
            var isForeign = result == "unchanged" && item is { IsRetraction: false, Known: null } && target.Calls == before + 1;
            return new BatchAnswer.Judged([ItemAnswer.Accepted with { Reference = entity, IsForeign = isForeign }]);
        }

        /// <summary>404 is about the entity, unless it is the list that is gone.</summary>
        private async Task<BatchAnswer> RefusedAsync(HttpTarget target, string list, HttpAnswer answer, HttpCall call, CancellationToken cancellationToken)
        {
            if (answer.Json() is null)
            {
                throw target.NotTheProduct(answer, call);
            }

            if (answer.Status != HttpStatusCode.NotFound)
            {
                return new BatchAnswer.Refused(answer.Words());
            }

            var info = await target.CallAsync(HttpCall.Get($"/list/{Uri.EscapeDataString(_lists[list].Id)}/info"), cancellationToken).ConfigureAwait(false);
            return info.IsSuccess
                ? new BatchAnswer.Refused(answer.Words()) { IsAboutItem = true }
                : throw target.Misconfigured($"The list {NameOf(list)} is not there any more. The next run creates it again; what was in it comes back with Reset-PhishMeDestination.", call);
        }

        private void Count(string list, string? result)
        {
            var (id, size) = _lists[list];
            _lists[list] = (id, size + (result == "added" ? 1 : result == "removed" ? -1 : 0));
        }

        private async Task<(string Id, int Size)> ListAsync(HttpTarget target, string list, CancellationToken cancellationToken)
        {
            if (!_lists.TryGetValue(list, out var known))
            {
                _lists[list] = known = await OpenAsync(target, NameOf(list), cancellationToken).ConfigureAwait(false);
            }

            return known;
        }

        private static async Task<(string Id, int Size)> OpenAsync(HttpTarget target, string listName, CancellationToken cancellationToken)
        {
            if (await FindAsync(target, listName, cancellationToken).ConfigureAwait(false) is string known)
            {
                var status = await target.CallForJsonAsync(
                    HttpCall.Get($"/list/{Uri.EscapeDataString(known)}/status"), json => json.Number("size") is not null, cancellationToken).ConfigureAwait(false);
                return (known, status.Number("size")!.Value);
            }

            var call = HttpCall.Post("/list/create", JsonBody.OfObject(writer =>
            {
                writer.WriteString("name", listName);
                writer.WriteString("type", "entity");
            })) with
            { IsLookedAfter = true };
            try
            {
                return await CreateAsync().ConfigureAwait(false);
            }
            catch (TargetStoppedException exception) when (exception.IsAnswerLost)
            {
                return await FindAsync(target, listName, cancellationToken).ConfigureAwait(false) is string found ? (found, 0) : await CreateAsync().ConfigureAwait(false);
            }

            async Task<(string, int)> CreateAsync()
            {
                var created = await target.CallForJsonAsync(call, json => json.Text("id") is not null, cancellationToken).ConfigureAwait(false);
                return (created.Text("id")!, 0);
            }
        }

        /// <summary>The service searches names by part: only the whole name counts.</summary>
        private static async Task<string?> FindAsync(HttpTarget target, string listName, CancellationToken cancellationToken)
        {
            var call = HttpCall.Post("/list/search", JsonBody.OfObject(writer =>
            {
                writer.WriteString("name", listName);
                writer.WriteString("type", "entity");
                writer.WriteNumber("limit", 100);
            }));
            var json = await target.CallForJsonAsync(call, body => body.ValueKind == JsonValueKind.Array, cancellationToken).ConfigureAwait(false);
            string[] found = [.. json.EnumerateArray().Where(list => list.Text("name") == listName).Select(list => list.Text("id")).OfType<string>()];
            return found.Length <= 1
                ? found.FirstOrDefault()
                : throw target.Misconfigured($"There are {found.Length} lists named {listName}. Rename all but one, or change list_name in [{target.Section}].", call);
        }

        /// <summary>Takes out what is over. Only what the ledger has as ours.</summary>
        private async Task RemoveOverdueAsync(HttpTarget target, CancellationToken cancellationToken)
        {
            var overdue = await host.Ledger.GetExpiringAsync(host.Clock.GetUtcNow(), MostOverdue, cancellationToken).ConfigureAwait(false);
            foreach (var entry in overdue.Where(entry => entry.TargetReference is not null))
            {
                await RemoveAsync(target, entry, cancellationToken).ConfigureAwait(false);
            }
        }

        /// <returns>Whether something gave way.</returns>
        private async Task<bool> MakeRoomAsync(HttpTarget target, string list, CancellationToken cancellationToken)
        {
            var oldest = await host.Ledger.GetExpiringAsync(null, most * 2, cancellationToken).ConfigureAwait(false);
            if (oldest.FirstOrDefault(entry => entry.TargetReference is not null && ListOf(entry) == list) is not LedgerEntry entry)
            {
                return false;
            }

            await RemoveAsync(target, entry, cancellationToken).ConfigureAwait(false);
            return true;
        }

        private static string ListOf(LedgerEntry entry) => entry.Key.StartsWith("m/", StringComparison.Ordinal) ? "malware" : "phish";

        private async Task RemoveAsync(HttpTarget target, LedgerEntry entry, CancellationToken cancellationToken)
        {
            var list = ListOf(entry);
            var (id, _) = await ListAsync(target, list, cancellationToken).ConfigureAwait(false);
            var json = await target.CallForJsonAsync(
                Call(id, "remove", entry.TargetReference!), body => body.Text("result") is "removed" or "unchanged", cancellationToken).ConfigureAwait(false);
            Count(list, json.Text("result"));
            await host.Ledger.UpdateAsync([], [entry.Key], cancellationToken).ConfigureAwait(false);
        }
    }
}
