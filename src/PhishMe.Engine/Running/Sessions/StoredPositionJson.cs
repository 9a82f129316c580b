using System.Text.Json;
using System.Text.Json.Serialization;

namespace PhishMe.Engine.Running.Sessions;

/// <summary>How the file of a named position is read and written.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    WriteIndented = true,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoredPosition))]
internal sealed partial class StoredPositionJson : JsonSerializerContext;
