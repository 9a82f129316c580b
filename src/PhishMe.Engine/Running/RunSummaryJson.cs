using System.Text.Json;
using System.Text.Json.Serialization;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Running;

/// <summary>The run summary as JSON, for <c>phishme sync --json</c> and for the history in the state file.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunSummary))]
public sealed partial class RunSummaryJson : JsonSerializerContext
{
    /// <summary>One line of JSON.</summary>
    /// <param name="summary">The summary.</param>
    /// <returns>The text.</returns>
    public static string Write(RunSummary summary) => RunSummaryWriter.Write(summary);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="json">The text.</param>
    /// <returns>The summary.</returns>
    public static RunSummary? Read(string json) => JsonSerializer.Deserialize(json, Default.RunSummary);
}
