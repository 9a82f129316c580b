using System.Text.Json;
using System.Text.Json.Serialization;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Lookup;

/// <summary>What the store answers, as JSON for programs.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(ThreatIdConverter)])]
[JsonSerializable(typeof(IndicatorMatch))]
[JsonSerializable(typeof(StoreStatistics))]
[JsonSerializable(typeof(RebuildSummary))]
public sealed partial class StoreJson : JsonSerializerContext
{
    /// <summary>One line of JSON.</summary>
    /// <param name="match">A match.</param>
    /// <returns>The text.</returns>
    public static string Write(IndicatorMatch match) => JsonSerializer.Serialize(match, Default.IndicatorMatch);

    /// <summary>One line of JSON.</summary>
    /// <param name="statistics">The statistics.</param>
    /// <returns>The text.</returns>
    public static string Write(StoreStatistics statistics) => JsonSerializer.Serialize(statistics, Default.StoreStatistics);

    /// <summary>One line of JSON.</summary>
    /// <param name="summary">The summary of a rebuild.</param>
    /// <returns>The text.</returns>
    public static string Write(RebuildSummary summary) => JsonSerializer.Serialize(summary, Default.RebuildSummary);
}
