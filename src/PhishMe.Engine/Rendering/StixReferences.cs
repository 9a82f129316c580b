using System.Buffers;
using System.Text;
using System.Text.Json;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>The external references of the objects of a threat: its page in the portal, its report, its screenshot. Each indicator repeats them.</summary>
/// <param name="threat">The threat.</param>
/// <param name="sourceName">Who refers.</param>
internal sealed class StixReferences(Threat threat, string sourceName)
{
    private readonly string _id = threat.Id.ToString();
    private readonly string? _page = WebUri(threat.ThreatDetailUri);
    private readonly string? _report = threat.HasReport ? WebUri(threat.ReportUri) : null;
    private readonly string? _screenshot = WebUri(threat.ScreenshotUri);

    private byte[]? _list;

    /// <summary>Writes the list.</summary>
    /// <param name="json">The same writer each time, inside an object.</param>
    public void Write(Utf8JsonWriter json)
    {
        json.WritePropertyName("external_references"u8);
        if (json.Options.Indented)
        {
            WriteList(json); // What is indented depends on where it stands.
            return;
        }

        json.WriteRawValue(_list ??= List(json.Options), skipInputValidation: true);
    }

    private byte[] List(JsonWriterOptions options)
    {
        var list = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(list, options);
        WriteList(json);
        json.Flush();
        return list.WrittenSpan.ToArray();
    }

    private void WriteList(Utf8JsonWriter json)
    {
        json.WriteStartArray();
        Write(json, _id, _page);
        if (_report is not null)
        {
            Write(json, null, _report, "Active Threat Report");
        }

        if (_screenshot is not null)
        {
            Write(json, null, _screenshot, "Screenshot");
        }

        json.WriteEndArray();
    }

    private void Write(Utf8JsonWriter json, string? externalId, string? uri, string? description = null)
    {
        json.WriteStartObject();
        json.WriteString("source_name"u8, sourceName);
        if (description is not null)
        {
            json.WriteString("description"u8, description);
        }

        if (uri is not null)
        {
            json.WriteString("url"u8, uri);
        }

        if (externalId is not null)
        {
            json.WriteString("external_id"u8, externalId);
        }

        json.WriteEndObject();
    }

    // Validators enforce RFC 3986 here; damaged samples hold what is no URI, such as a host that no name in ASCII stands for.
    private static string? WebUri(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.AbsoluteUri is var written
        && Ascii.IsValid(written) && Uri.IsWellFormedUriString(written, UriKind.Absolute)
            ? written
            : null;
}
