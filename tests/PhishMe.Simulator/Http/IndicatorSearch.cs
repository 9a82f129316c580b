using System.Text.Json;
using PhishMe.Simulator.Catalog;
using PhishMe.Simulator.Generation;
using PhishMe.Simulator.Rendering;

namespace PhishMe.Simulator.Http;

/// <summary>The newer search for single indicators. Only malware threats have such indicators here.</summary>
internal static class IndicatorSearch
{
    private const int LargestPage = 100;

    public static Answer Respond(RequestParameters parameters, ThreatCatalog catalog, ThreatGenerator generator)
    {
        var page = parameters.Number("page") ?? 0;
        var size = parameters.Number("resultsPerPage") ?? LargestPage;
        if (size is < 1 or > LargestPage)
        {
            throw new BadRequestException($"resultsPerPage is not in 1..{LargestPage}: {size}");
        }

        var since = Math.Min(parameters.Number("sinceLastPublished") ?? 0, long.MaxValue / 1000) * 1000;
        var found = new List<(ThreatKey Key, string Type, string Value, string? Impact, string? Role)>();
        var skip = page * size;
        var total = 0;
        foreach (var threat in catalog.Between(since, long.MaxValue).Where(threat => threat.Key.Product == ThreatProduct.Malware))
        {
            using var document = JsonDocument.Parse(generator.Document(threat), DocumentEditor.Deep);
            foreach ((var type, var value, var impact, var role) in Indicators(document.RootElement))
            {
                if (total++ >= skip && found.Count < size)
                {
                    found.Add((threat.Key, type, value, impact, role));
                }
            }
        }

        return Answer.Success(writer =>
        {
            writer.WriteStartObject();
            writer.WritePropertyName("page"u8);
            ThreatHqApi.WritePage(writer, page, found.Count, total, (int)size);
            writer.WriteStartArray("indicators"u8);
            foreach ((var key, var type, var value, var impact, var role) in found)
            {
                writer.WriteStartObject();
                writer.WriteNumber("threat_id"u8, key.Id);
                writer.WriteString("threat_type"u8, key.Type);
                writer.WriteString("indicator_type"u8, type);
                writer.WriteString("ioc"u8, value);
                writer.WriteString("impact"u8, impact ?? "None");
                writer.WriteString("role"u8, role ?? "");
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    private static IEnumerable<(string Type, string Value, string? Impact, string? Role)> Indicators(JsonElement threat)
    {
        foreach (var block in threat.Items("blockSet"))
        {
            var type = block.Text("blockType") switch
            {
                "URL" => "URL",
                "Domain Name" => "Domain Name",
                "IPv4 Address" => "IPv4 Address",
                _ => null,
            };
            if (type is not null && block.WatchlistValue() is { } value)
            {
                yield return (type, value, block.Text("impact"), block.Text("role"));
            }
        }

        foreach (var file in threat.Items("executableSet"))
        {
            if (file.Text("md5Hex") is { } md5)
            {
                yield return ("File", md5, file.Text("severityLevel"), null);
            }
        }
    }
}
