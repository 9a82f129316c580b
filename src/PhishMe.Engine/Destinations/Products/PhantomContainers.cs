using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>What is made of a threat for Splunk SOAR: <c>{"container":{…},"artifacts":[…]}</c>, with <c>"returned":true</c> for one that came back.</summary>
/// <param name="Label">Label of the containers.</param>
/// <param name="Sensitivity">Their sensitivity.</param>
/// <param name="RunsPlaybooks">Whether playbooks run when the artifacts are complete.</param>
/// <param name="Choice">Which indicators become artifacts.</param>
internal sealed record PhantomContainers(string Label, string Sensitivity, bool RunsPlaybooks, IndicatorChoice Choice)
{
    private const string HashType = "hash";

    public IEnumerable<QueueItem> Compose(DestinationId destination, Delivery delivery)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        foreach (var withdrawn in Choice.Retracts ? delivery.Withdrawn : [])
        {
            yield return new QueueItem
            {
                Destination = destination,
                Verb = DeliveryVerb.Retract,
                Threat = withdrawn.Id,
                Key = withdrawn.Id.ToString(),
                Payload = JsonBody.OfObject(writer => writer.WriteString("source_data_identifier", withdrawn.Id.ToString())),
            };
        }

        foreach (var threat in delivery.Threats)
        {
            if (threat.Unit.Model is Threat model && Choice.Wants(model.Id))
            {
                yield return new QueueItem
                {
                    Destination = destination,
                    Threat = threat.Id,
                    Key = threat.Id.ToString(),
                    Payload = Payload(model, isReturned: threat.Before is { Withdrawn: true }),
                };
            }
        }
    }

    private ReadOnlyMemory<byte> Payload(Threat threat, bool isReturned)
    {
        Indicator[] chosen = [.. Choice.Of(threat.Indicators)];
        return JsonBody.OfObject(writer =>
        {
            if (isReturned)
            {
                writer.WriteBoolean("returned", true);
            }

            writer.WriteStartObject("container");
            writer.WriteString("name", FormattableString.Invariant($"threat_{threat.Id.Number}"));
            writer.WriteString("label", Label);
            writer.WriteIfKnown("severity", SeverityOf(chosen.Select(IndicatorChoice.ImpactOf).DefaultIfEmpty(Impact.Minor).Max()));
            writer.WriteString("sensitivity", Sensitivity);
            writer.WriteString("description", Described(threat));
            writer.WriteString("source_data_identifier", threat.Id.ToString());
            writer.WriteEndObject();
            writer.WriteStartArray("artifacts");
            WriteArtifacts(writer, threat, chosen);
            writer.WriteEndArray();
        });
    }

    private static string Described(Threat threat) => string.Join("\n", new[] { threat.Label, threat.ExecutiveSummary }.Where(text => !string.IsNullOrWhiteSpace(text)));

    private static string? SeverityOf(Impact impact) => ImpactScores.Of(impact).SoarSeverity;

    private static void WriteArtifacts(Utf8JsonWriter writer, Threat threat, Indicator[] chosen)
    {
        var records = IndicatorRecords.Of(threat).ToDictionary(record => (record.Kind, record.NormalizedValue));
        var files = new HashSet<string>(StringComparer.Ordinal);
        foreach (var indicator in chosen.Where(indicator => indicator.Kind is >= IndicatorKind.Md5 and <= IndicatorKind.Sha512))
        {
            // A file is one artifact, however many of its hashes are known.
            var record = records[(indicator.Kind, indicator.NormalizedValue)];
            var hashes = record.FileHashes == FileHashes.None ? FileHashes.None.With(indicator.Kind, indicator.NormalizedValue!) : record.FileHashes;
            if (files.Add(hashes.ToString()))
            {
                WriteFile(writer, record, hashes, indicator);
            }
        }

        foreach (var indicator in chosen.Where(indicator => indicator.Kind < IndicatorKind.Md5))
        {
            var (name, field, type) = NamesOf(indicator.Kind);
            WriteArtifact(writer, name, indicator, IdOf(indicator.Kind.ToString(), indicator.NormalizedValue!, indicator), () => writer.WriteString(field, IndicatorValue.Of(indicator)), [(field, [type])]);
        }

        writer.WriteStartObject();
        writer.WriteString("name", "Threat Artifact");
        writer.WriteString("label", "threat");
        writer.WriteString("source_data_identifier", Hash($"threat\n{threat.Id}"));
        writer.WriteStartObject("cef");
        writer.WriteNumber("threatId", threat.Id.Number);
        writer.WriteString("threatType", ThreatTypes.UpperWord(threat.Type));
        writer.WriteIfKnown("threatDetailUrl", threat.ThreatDetailUri);
        writer.WriteIfKnown("reportUrl", threat.HasReport ? threat.ReportUri : null);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteFile(Utf8JsonWriter writer, IndicatorRecord record, FileHashes hashes, Indicator indicator)
    {
        List<(string, string[])> types = [];
        WriteArtifact(
            writer,
            "File Artifact",
            indicator,
            IdOf("File", hashes.ToString(), indicator),
            () =>
            {
                foreach (var (kind, value) in hashes.Known().Where(hash => hash.Key != IndicatorKind.Ssdeep))
                {
                    var field = $"fileHash{kind}";
                    writer.WriteString(field, value);
                    types.Add((field, kind is IndicatorKind.Md5 or IndicatorKind.Sha256 ? [HashType, kind.ToString().ToLowerInvariant()] : [HashType]));
                }

                writer.WriteIfKnown("fileName", record.FileName);
                writer.WriteIfKnown("fileType", record.FileType);
                if (record.FileName is not null)
                {
                    types.Add(("fileName", ["file name"]));
                }
            },
            types);
    }

    private static void WriteArtifact(
        Utf8JsonWriter writer, string name, Indicator indicator, string id, Action writeValue, IReadOnlyCollection<(string Field, string[] Types)> types)
    {
        writer.WriteStartObject();
        writer.WriteString("name", name);
        writer.WriteString("label", "event");
        writer.WriteIfKnown("severity", SeverityOf(IndicatorChoice.ImpactOf(indicator)));
        writer.WriteString("source_data_identifier", id);
        writer.WriteStartObject("cef");
        writeValue();
        writer.WriteString("impact", ImpactScores.Of(IndicatorChoice.ImpactOf(indicator)).Word);
        writer.WriteIfKnown("role", indicator.Role);
        writer.WriteIfKnown("roleDescription", indicator.RoleDescription);
        writer.WriteIfKnown("malwareFamily", indicator.Family);
        writer.WriteEndObject();
        writer.WriteStartObject("cef_types");
        foreach (var (field, kinds) in types)
        {
            writer.WriteStartArray(field);
            foreach (var kind in kinds)
            {
                writer.WriteStringValue(kind);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static (string Name, string Field, string Type) NamesOf(IndicatorKind kind) => kind switch
    {
        IndicatorKind.Domain => ("Domain Artifact", "destinationDnsDomain", "domain"),
        IndicatorKind.Url => ("URL Artifact", "requestURL", "url"),
        _ => ("IP Artifact", "destinationAddress", "ip"),
    };

    private static string IdOf(string kind, string value, Indicator indicator) =>
        Hash($"{kind}\n{value}\n{IndicatorChoice.ImpactOf(indicator)}\n{indicator.Role}");

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
