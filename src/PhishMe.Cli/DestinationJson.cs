using System.Text.Json;
using System.Text.Json.Serialization;
using PhishMe.Intelligence;

namespace PhishMe.Cli;

/// <summary>How destinations are written.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DestinationStatus))]
internal sealed partial class DestinationJson : JsonSerializerContext;
