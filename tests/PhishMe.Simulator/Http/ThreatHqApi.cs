using System.Buffers;
using System.Text;
using System.Text.Json;
using PhishMe.Simulator.Catalog;
using PhishMe.Simulator.Generation;
using PhishMe.Simulator.Rendering;

namespace PhishMe.Simulator.Http;

/// <summary>The answers of the API, as they are when nothing goes wrong.</summary>
internal sealed class ThreatHqApi(SimulatorOptions options, ThreatCatalog catalog, ThreatGenerator generator, ChangelogPaging paging)
{
    private static readonly byte[] Pixel = Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==");

    private readonly CefRenderer _cef = new(options.CefVendor);
    private readonly PositionCode _positions = new(options.Seed);

    public string CurrentPosition => _positions.Encode(catalog.End);

    public Answer Respond(RouteMatch route, RequestParameters parameters, FaultRule? fault)
    {
        return route.Name switch
        {
            "feed" => Feed(route.Number),
            "search" => Search(parameters, fault),
            "updates" => Updates(parameters, fault),
            "detail" => Detail(route.Key!.Value),
            "cef" => Render(route.Key!.Value, threat => Answer.Text(Answer.PlainText, Cef(threat))),
            "stix" => Render(route.Key!.Value, threat => Answer.Text("application/xml;charset=UTF-8", Stix(threat))),
            "html" => Report(route.Key!.Value, "text/html; charset=utf-8"),
            "pdf" => Report(route.Key!.Value, "application/pdf"),
            "cef-window" => CefWindow(parameters),
            "pdf-window" => Answer.Text("application/pdf", "%PDF-1.4\n%%EOF\n"),
            "screenshot" => catalog.Find(new ThreatKey(ThreatProduct.Phish, route.Number!.Value)) is null ? Absent() : Answer.Bytes("image/png", Pixel),
            "indicator-search" => IndicatorSearch.Respond(parameters, catalog, generator),
            "submit" => Submit(parameters),
            _ => Answer.Problem(StatusCodes.Status404NotFound, "No such resource"),
        };
    }

    /// <summary>The threats that the answer to a search or a CEF window holds.</summary>
    public IReadOnlyList<string> Served(RouteMatch route, RequestParameters parameters) => route.Name switch
    {
        "search" => [.. new SearchQuery(parameters, options).Run(catalog, generator).Page.Select(threat => threat.Key.ToString())],
        "cef-window" => [.. InWindow(parameters).Select(threat => threat.Key.ToString())],
        _ => [],
    };

    public string Cef(ThreatRecord threat)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        _cef.Write(threat.Key, generator.Document(threat), buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public string Stix(ThreatRecord threat) => StixRenderer.Render(threat, generator.Document(threat));

    private static Answer Absent() => Answer.Problem(StatusCodes.Status404NotFound, "No such threat");

    private static Answer Feed(long? id) => id switch
    {
        null => Answer.Success(writer =>
        {
            writer.WriteStartArray();
            DocumentParts.Feed(writer);
            writer.WriteEndArray();
        }),
        23 => Answer.Success(DocumentParts.Feed),
        _ => Answer.Problem(StatusCodes.Status404NotFound, "No such feed"),
    };

    private static Answer Submit(RequestParameters parameters)
    {
        var url = parameters.One("phishURL") ?? throw new BadRequestException("phishURL is missing");
        string[] schemes = ["http://", "https://", "hxxp://", "hxxps://"];
        return schemes.Any(scheme => url.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            ? Answer.Success(writer =>
            {
                writer.WriteStartObject();
                writer.WriteNumber("urlCount"u8, 1);
                writer.WriteEndObject();
            })
            : throw new BadRequestException("phishURL does not start with http://, https://, hxxp:// or hxxps://");
    }

    private Answer Search(RequestParameters parameters, FaultRule? fault)
    {
        var query = new SearchQuery(parameters, options);
        (var page, var total) = query.Run(catalog, generator);
        if (fault?.Kind == FaultRuleKind.SearchLacksIds)
        {
            page = fault.Ids is { Count: > 0 } lacking ? [.. page.Where(threat => !lacking.Contains(threat.Key.ToString()))] : [.. page.Skip(1)];
        }

        var answer = new Answer();
        answer.Body.Write("{\"success\":true,\"data\":"u8);
        answer.Body.Write("{\"page\":"u8);
        using (var writer = new Utf8JsonWriter(answer.Body, Answer.JsonOptions))
        {
            WritePage(writer, query.Page, page.Length, total, query.PageSize);
        }

        answer.Body.Write(",\"threats\":["u8);
        for (var i = 0; i < page.Length; i++)
        {
            if (i > 0)
            {
                answer.Body.Write(","u8);
            }

            generator.Write(page[i], answer.Body);
        }

        answer.Body.Write("]}}"u8);
        return answer;
    }

    internal static void WritePage(Utf8JsonWriter writer, long page, int elements, int total, int size)
    {
        writer.WriteStartObject();
        writer.WriteNumber("currentPage"u8, page);
        writer.WriteNumber("currentElements"u8, elements);
        writer.WriteNumber("totalPages"u8, (total + size - 1) / size);
        writer.WriteNumber("totalElements"u8, total);
        writer.WriteEndObject();
    }

    private Answer Updates(RequestParameters parameters, FaultRule? fault)
    {
        var position = parameters.One("position");
        var timestamp = parameters.Number("timestamp");
        int start;
        if (position is not null && timestamp is not null)
        {
            throw new BadRequestException("Give position or timestamp, not both");
        }

        if (timestamp is { } seconds)
        {
            // Milliseconds by mistake name a far future: an empty list, as with the server.
            start = catalog.PlaceOf(seconds > long.MaxValue / 1000 ? long.MaxValue : seconds * 1000);
        }
        else if (position is null)
        {
            throw new BadRequestException("Neither position nor timestamp");
        }
        else if (!_positions.TryDecode(position, out start) || start > catalog.End)
        {
            throw new BadRequestException($"Unknown position {position}");
        }

        var exactly1000 = fault?.Kind == FaultRuleKind.Exactly1000ThenZero;
        var changes = catalog.ChangesFrom(start, exactly1000 ? ChangelogPaging.FullPage : paging.Take());
        var end = start + changes.Length;
        if (exactly1000)
        {
            changes = FilledUp(changes);
        }

        // Nothing new: the very same position, so that a client can tell by it.
        var next = position is not null && end == start ? position : _positions.Encode(end);
        return Answer.Success(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("changelog"u8);
            foreach (var change in changes)
            {
                writer.WriteStartObject();
                writer.WriteNumber("threatId"u8, change.Key.Id);
                writer.WriteString("threatType"u8, change.Key.Type);
                writer.WriteBoolean("deleted"u8, change.Deleted);
                if (options.IncludeOccurredOn)
                {
                    writer.WriteNumber("occurredOn"u8, change.OccurredOn);
                }

                if (options.IncludeTimestamp)
                {
                    writer.WriteNumber("timestamp"u8, change.OccurredOn);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            if (fault?.Kind != FaultRuleKind.NextPositionMissing)
            {
                writer.WriteString("nextPosition"u8, next);
            }

            writer.WriteEndObject();
        });
    }

    /// <summary>A full page out of whatever there is; the same id may occur many times in a changelog.</summary>
    private ChangeEntry[] FilledUp(ChangeEntry[] changes)
    {
        var source = changes.Length > 0 ? changes
            : [.. catalog.All().TakeLast(ChangelogPaging.FullPage).Select(threat => new ChangeEntry(threat.Key, threat.Last, Deleted: false))];
        return source.Length == 0
            ? []
            : [.. Enumerable.Range(0, ChangelogPaging.FullPage).Select(i => source[i % source.Length])];
    }

    private Answer Detail(ThreatKey key) => Render(key, threat =>
    {
        var answer = new Answer();
        answer.Body.Write("{\"success\":true,\"data\":"u8);
        generator.Write(threat, answer.Body);
        answer.Body.Write("}"u8);
        return answer;
    });

    private Answer Render(ThreatKey key, Func<ThreatRecord, Answer> render) => catalog.Find(key) is { } threat ? render(threat) : Absent();

    private Answer Report(ThreatKey key, string contentType)
    {
        if (key.Product != ThreatProduct.Malware || catalog.Find(key) is not { } threat)
        {
            return Absent();
        }

        using var document = JsonDocument.Parse(generator.Document(threat), DocumentEditor.Deep);
        var root = document.RootElement;
        if (root.Child("hasReport") is { ValueKind: JsonValueKind.False })
        {
            return Answer.Problem(StatusCodes.Status404NotFound, "No report");
        }

        var id = JsonReading.Digits(key.Id);
        var label = XmlText.Escape(root.Text("label") ?? "");
        return contentType == "application/pdf"
            ? Answer.Text(contentType, "%PDF-1.4\n%%EOF\n")
            : Answer.Text(contentType, $"<!DOCTYPE html>\r\n<html>\r\n<head><title>Active Threat Report {id}</title></head>\r\n<body><h1>{label}</h1></body>\r\n</html>\r\n");
    }

    private Answer CefWindow(RequestParameters parameters)
    {
        var answer = new Answer { ContentType = Answer.PlainText };
        using var document = new PooledBuffer();
        foreach (var threat in InWindow(parameters))
        {
            document.Clear();
            generator.Write(threat, document);
            var before = answer.Body.Length;
            if (before > 0)
            {
                answer.Body.Write("\n"u8);
            }

            if (_cef.Write(threat.Key, document.Memory, answer.Body) == 0)
            {
                answer.Body.CutTo(before);
            }
        }

        return answer;
    }

    private ThreatRecord[] InWindow(RequestParameters parameters)
    {
        var now = options.Clock.GetUtcNow();
        var window = TimeWindow.Of(parameters, options, now.AddDays(-1), now);
        return catalog.Between(window.Begin, window.End);
    }
}
