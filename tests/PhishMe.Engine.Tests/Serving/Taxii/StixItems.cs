using System.Text.Json;

namespace PhishMe.Engine.Tests.Serving.Taxii;

/// <summary>What tests read of a STIX object.</summary>
internal static class StixItems
{
    public static string Id(this JsonElement item) => item.GetProperty("id").GetString()!;

    public static string Type(this JsonElement item) => item.GetProperty("type").GetString()!;

    public static string Name(this JsonElement item) => item.GetProperty("name").GetString()!;

    public static bool IsRevoked(this JsonElement item) => item.TryGetProperty("revoked", out var revoked) && revoked.GetBoolean();

    public static DateTimeOffset Time(this JsonElement item, string name) => item.GetProperty(name).GetDateTimeOffset();
}
