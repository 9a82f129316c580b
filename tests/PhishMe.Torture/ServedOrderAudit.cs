using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using PhishMe.Engine.Serving.Taxii;
using PhishMe.Engine.Storage.Sqlite;

namespace PhishMe.Torture;

/// <summary>What a reader of TAXII gets that begins at the beginning: each object once, in the order of its dates, and nothing that the simulator withdrew.</summary>
internal static partial class ServedOrderAudit
{
    private const int PageLimit = 17;

    /// <returns>What is wrong with the order by itself; empty when it is whole.</returns>
    public static IReadOnlyList<string> Of(TortureInstallation installation)
    {
        var wrong = new List<string>();
        if (installation.WaitingForTaxii > 0)
        {
            wrong.Add($"taxii: {installation.WaitingForTaxii} threat(s) have no place yet");
        }

        var objects = Read(installation, "objects");
        var manifest = Read(installation, "manifest");
        string[] added = [.. manifest.Select(item => item.GetProperty("date_added").GetString()!)];
        wrong.AddRange(added.CountBy(date => date).Where(date => date.Value > 1).Select(date => $"taxii: {date.Value} objects have the date {date.Key}"));
        if (!added.SequenceEqual(added.Order(StringComparer.Ordinal)))
        {
            wrong.Add("taxii: the dates of the manifest do not ascend");
        }

        if (added.Length > 0 && DateTimeOffset.Parse(added[^1], CultureInfo.InvariantCulture) > DateTimeOffset.UtcNow)
        {
            wrong.Add($"taxii: the date {added[^1]} is ahead of the clock");
        }

        // Objects that each answer repeats, such as the author, are in both; an object is there once.
        wrong.AddRange(objects.CountBy(Id).Where(item => item.Value > 1).Select(item => $"taxii: {item.Key} is there {item.Value} times"));
        wrong.AddRange(manifest.Select(Id).Except(objects.Select(Id)).Select(id => $"taxii: only the manifest has {id}"));
        wrong.AddRange(objects.Select(Id).Except(manifest.Select(Id)).Select(id => $"taxii: the manifest lacks {id}"));

        var live = objects.Where(item => Type(item) == "report" && !IsRevoked(item)).Select(Threat).ToHashSet(StringComparer.Ordinal);
        string[] published = [.. installation.Simulator.Threats.Select(threat => FormattableString.Invariant($"{threat.Type[0]}_{threat.Id}"))];
        wrong.AddRange(published.Except(live).Select(id => $"taxii: {id} is missing"));
        wrong.AddRange(live.Except(published).Select(id => $"taxii: {id} was withdrawn and is not revoked"));
        var known = objects.Where(item => !IsRevoked(item)).Select(Id).ToHashSet(StringComparer.Ordinal);
        wrong.AddRange(objects.Where(item => Type(item) == "report" && !IsRevoked(item))
            .SelectMany(report => report.GetProperty("object_refs").EnumerateArray().Select(reference => (Report: Threat(report), Id: reference.GetString()!)))
            .Where(reference => !known.Contains(reference.Id))
            .Select(reference => $"taxii: {reference.Report} names {reference.Id}, which is not there or revoked"));
        return wrong;
    }

    /// <summary>The objects that are not revoked, without the times of this installation's own runs.</summary>
    public static IReadOnlyList<string> Live(TortureInstallation installation) =>
    [
        .. Read(installation, "objects").Where(item => !IsRevoked(item)).Select(item => $"taxii: {OwnTimes().Replace(item.GetRawText(), string.Empty)}").Order(StringComparer.Ordinal),
    ];

    private static List<JsonElement> Read(TortureInstallation installation, string resource)
    {
        using var service = new TaxiiService(new SqliteStoreFile(installation.StatePath), new TaxiiSite { PageLimit = PageLimit }, new TaxiiOptions { RetentionDays = 0 }, TimeProvider.System);
        var items = new List<JsonElement>();
        string? next = null;
        do
        {
            var request = new TaxiiRequest
            {
                Method = "GET",
                Path = $"/intel/collections/all/{resource}/",
                Parameters = next is null ? [] : [new("next", next)],
                Root = "https://taxii.example/",
            };
            var answer = service.AnswerAsync(request, CancellationToken.None).GetAwaiter().GetResult();
            using var plain = answer.Unpack();
            var body = JsonDocument.Parse(plain).RootElement;
            if (answer.Status != 200)
            {
                throw new InvalidOperationException($"TAXII answered {answer.Status}: {body}");
            }

            items.AddRange(body.TryGetProperty("objects", out var objects) ? objects.EnumerateArray() : []);
            next = body.TryGetProperty("next", out var more) ? more.GetString() : null;
        }
        while (next is not null);
        return items;
    }

    private static string Id(JsonElement item) => item.GetProperty("id").GetString()!;

    private static string Type(JsonElement item) => item.GetProperty("type").GetString()!;

    private static bool IsRevoked(JsonElement item) => item.TryGetProperty("revoked", out var revoked) && revoked.GetBoolean();

    private static string Threat(JsonElement report) => report.GetProperty("external_references")[0].GetProperty("external_id").GetString()!;

    /// <summary>When a run placed an object, and dates that are not ahead of that.</summary>
    [GeneratedRegex("\"(modified|created|published|valid_from|valid_until)\":\"[^\"]*\",?")]
    private static partial Regex OwnTimes();
}
