using System.Net;
using System.Text.Json;
using PhishMe.Engine.Destinations.HttpPush;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>
/// The index template: it types the fields that rules compare, and makes sure that the name becomes an index, not a data stream. Its priority stands above
/// the templates of Elastic's agents.
/// </summary>
internal static class ElasticTemplate
{
    private const string Owner = "PhishMe";
    private const int Version = 1;

    private static readonly (string Path, string Type)[] _fields =
    [
        ("@timestamp", "date"), ("ecs.version", "keyword"), ("event.kind", "keyword"), ("event.category", "keyword"), ("event.type", "keyword"),
        ("event.module", "keyword"), ("event.dataset", "keyword"), ("tags", "keyword"), ("threat.feed.name", "keyword"), ("threat.software.name", "keyword"),
        ("threat.software.type", "keyword"), ("threat.indicator.name", "keyword"), ("threat.indicator.type", "keyword"), ("threat.indicator.ip", "ip"),
        ("threat.indicator.url.full", "keyword"), ("threat.indicator.url.original", "keyword"), ("threat.indicator.url.domain", "keyword"),
        ("threat.indicator.email.address", "keyword"), ("threat.indicator.file.name", "keyword"), ("threat.indicator.file.hash.md5", "keyword"),
        ("threat.indicator.file.hash.sha1", "keyword"), ("threat.indicator.file.hash.sha256", "keyword"), ("threat.indicator.file.hash.sha384", "keyword"),
        ("threat.indicator.file.hash.sha512", "keyword"), ("threat.indicator.file.hash.ssdeep", "keyword"), ("threat.indicator.first_seen", "date"),
        ("threat.indicator.last_seen", "date"), ("threat.indicator.modified_at", "date"), ("threat.indicator.confidence", "keyword"),
        ("threat.indicator.description", "keyword"), ("threat.indicator.provider", "keyword"), ("threat.indicator.reference", "keyword"),
        ("threat.indicator.marking.tlp", "keyword"), ("threat.indicator.marking.tlp_version", "keyword"), ("phishme.threat_id", "keyword"),
        ("phishme.label", "keyword"), ("phishme.impact", "keyword"), ("phishme.role", "keyword"), ("phishme.expires_at", "date"),
    ];

    /// <summary>Installs it unless it is there.</summary>
    /// <exception cref="TargetStoppedException">The account may not, or a template of this name belongs to someone else.</exception>
    public static async Task InstallAsync(HttpTarget target, string index, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        var path = $"/_index_template/{Uri.EscapeDataString($"phishme-{index}")}";
        var look = HttpCall.Get(path) with { ForbiddenIsAnswer = true };
        var found = await target.CallAsync(look, cancellationToken).ConfigureAwait(false);
        if (found.IsSuccess)
        {
            var meta = target.JsonOf(found, look, json => json.List("index_templates") is { Count: > 0 }).List("index_templates")![0].Object("index_template")?.Object("_meta");
            if (meta?.Text("managed_by") != Owner)
            {
                throw target.Misconfigured($"The index template phishme-{index} was made by someone else. Remove it, or set index_template = False in [{target.Section}].", look);
            }

            if (meta?.Number("version") >= Version)
            {
                return;
            }
        }

        var put = new HttpCall { Method = HttpMethod.Put, PathAndQuery = path, MediaType = "application/json", Body = Body(index), ForbiddenIsAnswer = true };
        var answer = await target.CallAsync(put, cancellationToken).ConfigureAwait(false);
        if (found.Status == HttpStatusCode.Forbidden || answer.Status == HttpStatusCode.Forbidden)
        {
            throw target.Misconfigured(
                $"The account may not install an index template: give it manage_index_templates, or set index_template = False in [{target.Section}] and install the template yourself.", put);
        }

        if (!answer.IsSuccess && answer.Json() is not null)
        {
            throw target.Misconfigured($"{target.Host} refuses the index template: {answer.Words()}. Set index_template = False in [{target.Section}] and install one yourself.", put);
        }

        target.JsonOf(answer, put, json => json.TryGetProperty("acknowledged", out _));
    }

    internal static ReadOnlyMemory<byte> Body(string index) => JsonBody.OfObject(writer =>
    {
        writer.WriteStartArray("index_patterns");
        writer.WriteStringValue(index);
        writer.WriteStringValue($"{index}-*");
        writer.WriteEndArray();
        writer.WriteNumber("priority", 510);
        writer.WriteStartObject("template");
        writer.WriteStartObject("settings");
        writer.WriteString("number_of_shards", "1");
        writer.WriteString("auto_expand_replicas", "0-1");
        writer.WriteEndObject();
        writer.WriteStartObject("mappings");
        WriteFields(writer, [.. _fields.Select(field => (field.Path.Split('.'), field.Type))], 0);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteStartObject("_meta");
        writer.WriteString("managed_by", Owner);
        writer.WriteNumber("version", Version);
        writer.WriteEndObject();
    });

    private static void WriteFields(Utf8JsonWriter writer, (string[] Path, string Type)[] fields, int depth)
    {
        writer.WriteStartObject("properties");
        foreach (var group in fields.GroupBy(field => field.Path[depth]))
        {
            writer.WriteStartObject(group.Key);
            (string[] Path, string Type)[] inside = [.. group];
            if (inside is [{ Path.Length: var length, Type: var type }] && length == depth + 1)
            {
                writer.WriteString("type", type);
                if (type == "keyword")
                {
                    // Longer values are stored but not searched; without it they would be refused.
                    writer.WriteNumber("ignore_above", 8191);
                }
            }
            else
            {
                WriteFields(writer, inside, depth + 1);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }
}
