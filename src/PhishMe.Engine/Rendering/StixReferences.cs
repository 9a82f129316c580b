using System.Text.Json;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>The external references of the objects of a threat: its page in the portal, its report, its screenshot.</summary>
internal static class StixReferences
{
    /// <summary>Writes the list.</summary>
    /// <param name="threat">The threat.</param>
    /// <param name="sourceName">Who refers.</param>
    /// <param name="json">The writer, inside an object.</param>
    public static void Write(Threat threat, string sourceName, Utf8JsonWriter json)
    {
        json.WriteStartArray("external_references"u8);
        Write(json, sourceName, threat.Id.ToString(), threat.ThreatDetailUri);
        if (threat.HasReport && WebUri(threat.ReportUri) is { } report)
        {
            Write(json, sourceName, null, report, "Active Threat Report");
        }

        if (WebUri(threat.ScreenshotUri) is { } screenshot)
        {
            Write(json, sourceName, null, screenshot, "Screenshot");
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string sourceName, string? externalId, string? url, string? description = null)
    {
        json.WriteStartObject();
        json.WriteString("source_name"u8, sourceName);
        if (description is not null)
        {
            json.WriteString("description"u8, description);
        }

        if (WebUri(url) is { } uri)
        {
            json.WriteString("url"u8, uri);
        }

        if (externalId is not null)
        {
            json.WriteString("external_id"u8, externalId);
        }

        json.WriteEndObject();
    }

    // Validators enforce RFC 3986 here; damaged samples hold what is no URI.
    private static string? WebUri(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && Uri.IsWellFormedUriString(uri.AbsoluteUri, UriKind.Absolute)
            ? uri.AbsoluteUri
            : null;
}
