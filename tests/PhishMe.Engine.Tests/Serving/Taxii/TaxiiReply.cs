using System.Text.Json;

namespace PhishMe.Engine.Tests.Serving.Taxii;

/// <summary>An answer of the server.</summary>
internal sealed record TaxiiReply(int Status, JsonElement Body, IReadOnlyDictionary<string, string> Headers)
{
    public IReadOnlyList<JsonElement> Items => Body.TryGetProperty("objects", out var objects) ? [.. objects.EnumerateArray()] : [];

    public bool More => Body.TryGetProperty("more", out var more) && more.GetBoolean();

    public string? Next => Body.TryGetProperty("next", out var next) ? next.GetString() : null;

    public string First => Headers["X-TAXII-Date-Added-First"];

    public string Last => Headers["X-TAXII-Date-Added-Last"];
}
