using System.Buffers;
using System.Globalization;
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

/// <summary>TippingPoint SMS: reputation entries with tags, imported as CSV.</summary>
internal sealed class TippingPoint : IProduct
{
    private static readonly SectionSchema _schema = new()
    {
        Name = "integration_tipping_point_ips",
        Description = "TippingPoint SMS: reputation entries.",
        DeclareKeys = () =>
        [
            Flag("use", "False", "Deliver indicators to TippingPoint."),
            CheckConfig(),
            Flag("ssl_verify", "True", "Verify the certificate. False is dangerous, and every run says so."),
            Url("host_with_protocol", "", "Address of the SMS."),
            Text("user", "User name, if there is no api_key.") with { MinimumLength = 3 },
            Secret("pass", "Password, if there is no api_key. The SMS takes it in the address only.") with { MinimumLength = 8 },
            Ours(Secret("api_key", "API key of the SMS, instead of user and pass.")),
            Flag("impact_major", "True", "Deliver major."),
            Flag("impact_moderate", "True", "Deliver moderate."),
            Flag("impact_minor", "False", "Deliver minor."),
            Flag("impact_none", "False", "Deliver none."),
            Ours(new() { Name = "types", Kind = ValueKind.List, Default = "ipv4,dns", Description = "Types of entries: ipv4, ipv6, dns, url. URLs need SMS 5.0." }),
            Ours(Text("ttl_tag", "Days for the tag category 'Reputation Entries TTL' (SMS 5.1). Empty: entries stay until they are taken back.")),
            Ours(Flag("protect_others", "True", "Ask before a new entry whether another source made it already, and leave that one alone. False is faster.")),
            Ours(Number("chunk_rows", "10000", 1, 100_000, "Rows of one import.")),
            .. TippingPointTaxii.Keys(),
            .. DeliveryKeys.Threats(),
            DeliveryKeys.KeptFor(),
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

        var key = section.Secret("api_key");
        var target = HttpKeys.Read(section, "api_key, or user and pass");
        if (Authentication(section, key) is not IHttpAuthentication authentication || target is null)
        {
            return [];
        }

        var id = new DestinationId("tipping_point_ips");
        var choice = IndicatorChoice.Of(settings.Delivery(section), KindsOf(section)) with { Impacts = ImpactsOf(section), IncludesCorollary = false, SharesEntries = true };
        if (section.Word("mode") == "taxii")
        {
            return [TippingPointTaxii.Open(section, target, choice, settings.Delivery(section), id)];
        }

        var options = new Options
        {
            Choice = choice,
            Ttl = section.Text("ttl_tag"),
            ProtectsOthers = section.Boolean("protect_others"),
            Rows = section.Integer("chunk_rows"),
        };
        return
        [
            new QueuedDestination
            {
                Id = id,
                Section = section.Name,
                Retention = choice.Retention,
                Open = host => new HttpDestination(target, authentication, new Profile(id, options, host.Clock), host),
            },
        ];
    }

    private static IHttpAuthentication? Authentication(SectionValues section, string? key)
    {
        if (key is not null)
        {
            return new HeaderAuthentication("X-SMS-API-KEY", key);
        }

        var user = section.RequiredText("user", "Write an API key of the SMS in api_key, or user and pass.");
        var password = section.RequiredSecret("pass", "Write an API key of the SMS in api_key, or user and pass.");
        return user.Length == 0 || password.Length == 0 ? null : new QueryAuthentication([new("smsuser", user), new("smspass", password)]);
    }

    private static HashSet<Impact> ImpactsOf(SectionValues section) =>
        [.. Enum.GetValues<Impact>().Where(impact => section.Boolean($"impact_{impact.ToString().ToLowerInvariant()}"))];

    private static HashSet<IndicatorKind> KindsOf(SectionValues section)
    {
        var kinds = new HashSet<IndicatorKind>();
        foreach (var word in section.Unchecked("types") is null ? ["ipv4", "dns"] : section.List("types"))
        {
            IndicatorKind? kind = word.ToUpperInvariant() switch
            {
                "IPV4" => IndicatorKind.IPv4,
                "IPV6" => IndicatorKind.IPv6,
                "DNS" => IndicatorKind.Domain,
                "URL" => IndicatorKind.Url,
                _ => null,
            };
            if (kind is IndicatorKind known)
            {
                kinds.Add(known);
            }
            else
            {
                section.Report(FindingRules.NotAChoice, "types", $"'{VisibleText.Of(word)}' is not a type of the SMS. Write ipv4, ipv6, dns or url.");
            }
        }

        return kinds;
    }

    /// <summary>What becomes an entry, and how.</summary>
    internal sealed record Options
    {
        public IndicatorChoice Choice { get; init; } = new() { Kinds = new HashSet<IndicatorKind> { IndicatorKind.IPv4, IndicatorKind.Domain } };

        /// <summary>Value of the tag category that lets entries expire; null for none.</summary>
        public string? Ttl { get; init; }

        public bool ProtectsOthers { get; init; } = true;

        public int Rows { get; init; } = 10_000;
    }

    /// <summary>
    /// Rows are imported by type; the SMS queues them, says only that it took the file, and ignores rows that it cannot use. A sample is looked for afterwards.
    /// What CSV cannot carry in a value goes one by one.
    /// </summary>
    internal sealed class Profile(DestinationId id, Options options, TimeProvider clock) : IHttpProfile
    {
        private const string Boundary = "phishme-rows-5c6f3d3a92c14a0e";
        private const int LongestTag = 255;
        private const int Sample = 3;
        private const int Askers = 4;

        private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

        /// <summary>CSV without a word on quoting: these would begin another field or row.</summary>
        private static readonly SearchValues<char> _notInCsv = SearchValues.Create(",\"'\r\n");

        public QueueBatch LargestBatch { get; } = new(options.Rows, 4 * 1024 * 1024);

        public bool RecognizesRepeats => true;

        public bool KeepsState => true;

        public IndicatorChoice Choice => options.Choice;

        public TimeSpan? Lifetime { get; } = int.TryParse(options.Ttl, NumberStyles.None, CultureInfo.InvariantCulture, out var days) ? TimeSpan.FromDays(days) : null;

        public IEnumerable<QueueItem> Compose(Delivery delivery) => options.Choice.Compose(id, delivery, Payload);

        /// <summary>The date of publication is a tag of its own, but when it moves alone the entry stays as it is.</summary>
        public ReadOnlyMemory<byte> Substance(QueueItem item)
        {
            var row = Read(item.Payload);
            return Encoding.UTF8.GetBytes(string.Join('\n', row.Where((_, field) => field < 2 || row[field - (field % 2)] != "PhishMeIntel_Last-Published")));
        }

        public string LotOf(PushItem item) => item.IsRetraction ? "-" : Read(item.Payload) is var row && row[1].AsSpan().ContainsAny(_notInCsv) ? "+" : $"+{row[0]}";

        public async Task<IReadOnlySet<string>?> FindForeignAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken)
        {
            if (!options.ProtectsOthers)
            {
                return null;
            }

            var foreign = new System.Collections.Concurrent.ConcurrentBag<string>();
            await Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = Askers, CancellationToken = cancellationToken }, async (item, token) =>
            {
                if (await IsThereAsync(target, Read(item.Payload), token).ConfigureAwait(false) == true)
                {
                    foreign.Add(item.Key);
                }
            }).ConfigureAwait(false);
            return foreign.ToHashSet(StringComparer.Ordinal);
        }

        public async Task<BatchAnswer> SendAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken)
        {
            var lot = LotOf(items[0]);
            if (lot is "-" or "+")
            {
                return await OneByOneAsync(target, items, cancellationToken).ConfigureAwait(false);
            }

            var call = Import(lot[1..], Csv(items));
            var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
            if (!answer.IsSuccess)
            {
                return new BatchAnswer.Refused(answer.Words());
            }

            CheckIsSms(target, answer, call);
            await LookForSampleAsync(target, items, cancellationToken).ConfigureAwait(false);
            return BatchAnswer.Accepted(items.Count);
        }

        /// <summary>An import without a row writes nothing, and is refused to accounts that may only read.</summary>
        public async IAsyncEnumerable<CheckResult> CheckAsync(HttpTarget target, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await IsThereAsync(target, ["ipv4", "192.0.2.1"], cancellationToken).ConfigureAwait(false);
            yield return new CheckResult { Subject = target.Section, Outcome = CheckOutcome.Pass, Message = $"{target.Host} accepts the credentials." };
            var call = Import("ipv4", ReadOnlyMemory<byte>.Empty);
            var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
            if (answer.IsSuccess)
            {
                CheckIsSms(target, answer, call);
            }

            yield return new CheckResult { Subject = target.Section, Outcome = CheckOutcome.Pass, Message = "The account may import entries; an import without rows was tried." };
            yield return new CheckResult
            {
                Subject = target.Section,
                Outcome = CheckOutcome.Warn,
                Message = "The SMS ignores rows with tags that it does not know and says nothing. Make the tag categories PhishMeIntel_… first; docs/products/tippingpoint.md lists them.",
            };
        }

        private ReadOnlyMemory<byte> Payload(Threat? threat, Indicator indicator)
        {
            List<string> row = [TypeOf(indicator.Kind), indicator.NormalizedValue!];
            if (threat is not null)
            {
                Tag(row, "PhishMeIntel_Threat-ID", threat.Id.ToString());
                Tag(row, "PhishMeIntel_Malware-Family", indicator.Family);
                Tag(row, "PhishMeIntel_Role", indicator.Role);
                Tag(row, "PhishMeIntel_Impact-Rating", IndicatorChoice.ImpactOf(indicator).ToString());
                Tag(row, "PhishMeIntel_Last-Published", threat.LastPublished?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
                Tag(row, "Reputation Entries TTL", options.Ttl);
            }

            var output = new ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(output))
            {
                writer.WriteStartArray();
                row.ForEach(writer.WriteStringValue);
                writer.WriteEndArray();
            }

            return output.WrittenMemory;
        }

        private static string TypeOf(IndicatorKind kind) => kind switch
        {
            IndicatorKind.IPv4 => "ipv4",
            IndicatorKind.IPv6 => "ipv6",
            IndicatorKind.Url => "url",
            _ => "dns",
        };

        /// <summary>What begins another field or row becomes a blank.</summary>
        private static void Tag(List<string> row, string category, string? value)
        {
            if (string.IsNullOrWhiteSpace(value))
            {
                return;
            }

            var text = string.Concat(value.Select(character => _notInCsv.Contains(character) || char.IsControl(character) ? ' ' : character)).Trim();
            row.AddRange([category, text.Length <= LongestTag ? text : text[..LongestTag]]);
        }

        private static List<string> Read(ReadOnlyMemory<byte> payload)
        {
            using var document = JsonDocument.Parse(payload);
            return [.. document.RootElement.EnumerateArray().Select(text => text.GetString()!)];
        }

        private static ReadOnlyMemory<byte> Csv(IReadOnlyList<PushItem> items) =>
            Encoding.UTF8.GetBytes(string.Concat(items.Select(item => string.Join(',', Read(item.Payload).Skip(1)) + "\n")));

        private static HttpCall Import(string type, ReadOnlyMemory<byte> csv)
        {
            var body = new ArrayBufferWriter<byte>(csv.Length + 512);
            body.Write(Encoding.UTF8.GetBytes(
                $"--{Boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"phishme.csv\"\r\nContent-Type: text/csv\r\n\r\n"));
            body.Write(csv.Span);
            body.Write(Encoding.UTF8.GetBytes($"\r\n--{Boundary}--\r\n"));
            return HttpCall.Post($"/repEntries/import?type={type}", body.WrittenMemory, $"multipart/form-data; boundary={Boundary}");
        }

        private static string Subject(List<string> row) => $"{(row[0] is "ipv4" or "ipv6" ? "ip" : row[0])}={Uri.EscapeDataString(row[1])}";

        private static async Task<BatchAnswer> OneByOneAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken)
        {
            var answers = new ItemAnswer[items.Count];
            for (var i = 0; i < answers.Length; i++)
            {
                var row = Read(items[i].Payload);
                var call = HttpCall.Post(
                    items[i].IsRetraction
                        ? $"/repEntries/delete?criteria=entry&{Subject(row)}"
                        : $"/repEntries/add?{Subject(row)}&TagData={Uri.EscapeDataString(string.Join(',', row.Skip(2)))}",
                    ReadOnlyMemory<byte>.Empty,
                    "application/x-www-form-urlencoded");
                var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
                if (answer.IsSuccess)
                {
                    CheckIsSms(target, answer, call);
                }

                answers[i] = answer.IsSuccess ? ItemAnswer.Accepted : ItemAnswer.Rejected(answer.Words());
            }

            return new BatchAnswer.Judged(answers);
        }

        /// <summary>200 present, 204 absent, 412 bad input.</summary>
        private static async Task<bool?> IsThereAsync(HttpTarget target, List<string> row, CancellationToken cancellationToken)
        {
            var call = HttpCall.Get($"/repEntries/query?{Subject(row)}");
            var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
            if (answer.IsSuccess && answer.Status != HttpStatusCode.NoContent)
            {
                CheckIsSms(target, answer, call);
            }

            return answer.Status switch
            {
                HttpStatusCode.OK => true,
                HttpStatusCode.NoContent => false,
                _ => null,
            };
        }

        /// <summary>The SMS answers with plain text or XML; a login page is HTML, and JSON comes from something else.</summary>
        private static void CheckIsSms(HttpTarget target, HttpAnswer answer, HttpCall call)
        {
            if (answer.MediaType is "text/html" or "application/json")
            {
                throw target.NotTheProduct(answer, call);
            }
        }

        /// <summary>Entries are made in the order of a queue of the SMS: what is not there after a while was ignored, or is late.</summary>
        private async Task LookForSampleAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken)
        {
            var began = clock.GetTimestamp();
            List<PushItem> open = [.. items.Where((_, i) => i % Math.Max(1, items.Count / Sample) == 0).Take(Sample)];
            for (var wait = TimeSpan.FromMilliseconds(250); open.Count > 0; wait *= 2)
            {
                for (var i = open.Count - 1; i >= 0; i--)
                {
                    if (await IsThereAsync(target, Read(open[i].Payload), cancellationToken).ConfigureAwait(false) == true)
                    {
                        open.RemoveAt(i);
                    }
                }

                if (open.Count > 0 && clock.GetElapsedTime(began) + wait > _patience)
                {
                    target.Warn(FormattableString.Invariant(
                        $"The SMS took {items.Count} row(s), but {open.Count} of the sample looked for is not there, such as {Read(open[0].Payload)[1]}. It ignores rows without saying so: check that the tag categories PhishMeIntel_… exist."));
                    return;
                }

                if (open.Count > 0)
                {
                    await Task.Delay(wait, clock, cancellationToken).ConfigureAwait(false);
                }
            }
        }
    }
}
