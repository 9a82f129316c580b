using System.Text.Json;
using System.Text.Json.Serialization;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Lookup;

/// <summary>Writes the id of a threat as the API does: <c>m_123</c>.</summary>
internal sealed class ThreatIdConverter : JsonConverter<ThreatId>
{
    public override ThreatId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ThreatId.TryParse(reader.GetString(), null, out var id) ? id : throw new JsonException("This is not a threat id.");

    public override void Write(Utf8JsonWriter writer, ThreatId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
