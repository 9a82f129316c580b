using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace PhishMe.Engine.Serving.Taxii;

/// <summary>Writes the resources of TAXII 2.1.</summary>
internal sealed class TaxiiBodies(TaxiiSite settings)
{
    /// <summary>Nothing can be added, but the specification wants a number above 0.</summary>
    private const int MostContentLength = 1;

    /// <summary>Bytes that are gathered before they are passed on.</summary>
    private const int AtOnce = 32 * 1024;

    private static readonly JsonWriterOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>4.1.1.</summary>
    /// <param name="root">Scheme, host and port, with a slash.</param>
    public ReadOnlyMemory<byte> Discovery(string root) => Of(json =>
    {
        var apiRoot = $"{root}{settings.ApiRoot}/";
        json.WriteString("title"u8, settings.Title);
        json.WriteString("default"u8, apiRoot);
        json.WriteStartArray("api_roots"u8);
        json.WriteStringValue(apiRoot);
        json.WriteEndArray();
    });

    /// <summary>4.2.1.</summary>
    public ReadOnlyMemory<byte> ApiRoot() => Of(json =>
    {
        json.WriteString("title"u8, settings.Title);
        json.WriteStartArray("versions"u8);
        json.WriteStringValue(TaxiiMediaType.Text);
        json.WriteEndArray();
        json.WriteNumber("max_content_length"u8, MostContentLength);
    });

    /// <summary>5.2.1.</summary>
    public static ReadOnlyMemory<byte> Collections() => Of(json =>
    {
        json.WriteStartArray("collections"u8);
        foreach (var collection in TaxiiCollections.All)
        {
            json.WriteStartObject();
            Write(json, collection);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    /// <summary>5.2.1, one of them.</summary>
    public static ReadOnlyMemory<byte> Collection(TaxiiCollection collection) => Of(json => Write(json, collection));

    /// <summary>3.7. Without objects it is empty. Like all pages it says its length in bytes.</summary>
    public static long Envelope(Stream output, TaxiiPage page, string? next) => Page(output, page, next, "objects", (json, served) => json.WriteRawValue(served.Json.Span, skipInputValidation: true));

    /// <summary>5.3.1.</summary>
    public static long Manifest(Stream output, TaxiiPage page, string? next) => Page(output, page, next, "objects", (json, served) =>
    {
        json.WriteStartObject();
        json.WriteString("id"u8, served.Id);
        json.WriteString("date_added"u8, TaxiiTime.Text(served.Added));
        json.WriteString("version"u8, served.Version);
        json.WriteString("media_type"u8, TaxiiMediaType.Objects);
        json.WriteEndObject();
    });

    /// <summary>5.8.1.</summary>
    public static long Versions(Stream output, TaxiiPage page, string? next) => Page(output, page, next, "versions", (json, served) => json.WriteStringValue(served.Version));

    /// <summary>3.6.</summary>
    public static ReadOnlyMemory<byte> Problem(string status, string title, string description) => Of(json =>
    {
        json.WriteString("title"u8, title);
        json.WriteString("description"u8, description);
        json.WriteString("http_status"u8, status);
    });

    private static void Write(Utf8JsonWriter json, TaxiiCollection collection)
    {
        json.WriteString("id"u8, collection.Id);
        json.WriteString("title"u8, collection.Title);
        json.WriteString("description"u8, collection.Description);
        json.WriteString("alias"u8, collection.Alias);
        json.WriteBoolean("can_read"u8, true);
        json.WriteBoolean("can_write"u8, false);
        json.WriteStartArray("media_types"u8);
        json.WriteStringValue(TaxiiMediaType.Objects);
        json.WriteEndArray();
    }

    /// <returns>How long it is, in bytes.</returns>
    private static long Page(Stream output, TaxiiPage page, string? next, string name, Action<Utf8JsonWriter, ServedObject> write)
    {
        using var json = new Utf8JsonWriter(output, _json);
        json.WriteStartObject();
        if (page.Objects.Count > 0)
        {
            json.WriteBoolean("more"u8, next is not null);
            if (next is not null)
            {
                json.WriteString("next"u8, next);
            }

            json.WriteStartArray(name);
            foreach (var served in page.Objects)
            {
                write(json, served);
                if (json.BytesPending > AtOnce)
                {
                    json.Flush();
                }
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.Flush();
        return json.BytesCommitted;
    }

    private static ReadOnlyMemory<byte> Of(Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, _json))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }
}
