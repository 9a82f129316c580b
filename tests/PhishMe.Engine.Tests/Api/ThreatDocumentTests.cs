using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PhishMe.Engine.Api;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Threats;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Api;

/// <summary>What the one pass over a page notes about each threat.</summary>
public sealed class ThreatDocumentTests(ITestOutputHelper output)
{
    private static readonly JsonSerializerOptions Pretty = new() { WriteIndented = true };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_document_is_compact_exactly_when_there_is_no_white_space_to_take_out()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var compact = 0;
        var loose = 0;
        foreach (var received in await DocumentsAsync())
        {
            byte[][] variants =
            [
                received,
                CompactJson.Of(received).ToArray(),
                JsonSerializer.SerializeToUtf8Bytes(JsonNode.Parse(received), Pretty),
                .. Enumerable.Range(0, 4).Select(_ => WithBlank(CompactJson.Of(received).ToArray(), random)),
            ];
            foreach (var variant in variants)
            {
                using var page = await ReadAsync(Page([variant]));
                var document = Assert.Single(page.Threats);
                var expected = CompactJson.Of(document.Json).Length == document.Json.Length;
                Assert.True(document.IsCompact == expected, Encoding.UTF8.GetString(variant));
                Assert.Equal(expected, ThreatDocumentReader.Read(variant)!.IsCompact);
                compact += expected ? 1 : 0;
                loose += expected ? 0 : 1;
            }
        }

        Assert.True(compact > 10 && loose > 10, $"{compact} compact, {loose} loose");
    }

    [Fact]
    public async Task An_answer_that_is_no_strict_json_gives_the_same_threats()
    {
        byte[][] documents = [.. await DocumentsAsync()];
        using var strict = await ReadAsync(Page(documents));
        using var trailingComma = await ReadAsync(Page(documents, end: ","));
        using var comment = await ReadAsync(Page(documents, end: "/* that is all */"));

        Assert.Equal(documents.Length, strict.Threats.Count);
        Assert.Equal(strict.Threats.Select(Content), trailingComma.Threats.Select(Content));
        Assert.Equal(strict.Threats.Select(Content), comment.Threats.Select(Content));
        Assert.Equal((strict.TotalPages, strict.TotalElements, 0), (comment.TotalPages, comment.TotalElements, comment.Unreadable.Count));

        static (string, long?, long?, bool, ContentHash, string) Content(ThreatDocument document) => (
            document.Id.ToString(), document.FirstPublished, document.LastPublished, document.IsCompact, document.Content, Encoding.UTF8.GetString(document.Json.Span));
    }

    /// <summary>Generated ones of all eras, and the sample answers where they are there.</summary>
    private static async Task<List<byte[]>> DocumentsAsync()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 40, Seed = 5 }, Stop);
        List<byte[]> documents = [.. simulator.Threats.Select(threat => simulator.Json(threat.Type, threat.Id).ToArray())];
        return SharedMaterial.Root is null ? documents : [.. documents, .. SharedMaterial.Threats().Select(threat => threat.Json)];
    }

    private static byte[] Page(IReadOnlyList<byte[]> documents, string end = "") => Encoding.UTF8.GetBytes(
        "{\"success\":true,\"data\":{\"page\":{\"currentPage\":0,\"totalPages\":3,\"totalElements\":250},\"threats\":["
        + string.Join(',', documents.Select(Encoding.UTF8.GetString)) + end + "]}}");

    private static async Task<SearchPage> ReadAsync(byte[] answer)
    {
        using var response = new HttpResponseMessage { Content = new ByteArrayContent(answer) };
        return SearchPageReader.Read(await ResponseBody.ReadAsync(response, ApiLimits.LargestPageBytes, "test", Stop), "test");
    }

    /// <summary>One blank, tab or line break before or behind one comma, colon or bracket outside the strings.</summary>
    private static byte[] WithBlank(byte[] compact, Random random)
    {
        var places = new List<int>();
        var inString = false;
        for (var i = 0; i < compact.Length; i++)
        {
            if (compact[i] == '"')
            {
                inString = !inString;
            }
            else if (inString && compact[i] == '\\')
            {
                i++;
            }
            else if (!inString && i > 0 && i < compact.Length - 1 && ",:[]{}".Contains((char)compact[i], StringComparison.Ordinal))
            {
                places.Add(random.Next(2) + i);
            }
        }

        var place = places[random.Next(places.Count)];
        return [.. compact[..place], (byte)" \t\r\n"[random.Next(4)], .. compact[place..]];
    }
}
