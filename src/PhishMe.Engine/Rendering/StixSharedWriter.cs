using System.Text.Json;

namespace PhishMe.Engine.Rendering;

/// <summary>
/// Writes what all threats share: the author and the families, with nothing that differs between threats, and the head that all objects have.
/// </summary>
internal sealed class StixSharedWriter
{
    private const string SharedObjectTime = "2015-01-01T00:00:00.000Z";

    private readonly StixBundleOptions _options;
    private readonly Utf8JsonWriter _json;
    private readonly string? _marking;

    /// <param name="options">What may differ between installations.</param>
    /// <param name="json">The writer, inside an array.</param>
    public StixSharedWriter(StixBundleOptions options, Utf8JsonWriter json)
    {
        _options = options;
        _json = json;
        _marking = StixMarking.Of(options.Marking)?.Id;
        Identity = IdentityId(options);
    }

    /// <summary>The id of the author.</summary>
    public string Identity { get; }

    /// <summary>The id of an object: name-based, so that a later version replaces the earlier one.</summary>
    public static string Id(string type, string name) => $"{type}--{NameBasedUuid.Create($"stix2|{type}|{name}"):D}";

    /// <summary>The id of the author.</summary>
    public static string IdentityId(StixBundleOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Id("identity", options.IdentityName);
    }

    /// <summary>The id of a family.</summary>
    public static string FamilyId(string family) => Id("malware", family);

    /// <summary>The author.</summary>
    /// <param name="modified">The version; null for the one that never changes.</param>
    public void WriteIdentity(string? modified = null)
    {
        _json.WriteStartObject();
        WriteHead("identity"u8, Identity, SharedObjectTime, modified ?? SharedObjectTime, createdBy: false);
        _json.WriteString("name"u8, _options.IdentityName);
        _json.WriteString("identity_class"u8, "system"u8);
        _json.WriteEndObject();
    }

    /// <summary>A family.</summary>
    /// <param name="family">Its name.</param>
    /// <param name="modified">The version; null for the one that never changes.</param>
    public void WriteFamily(string family, string? modified = null)
    {
        _json.WriteStartObject();
        WriteHead("malware"u8, FamilyId(family), SharedObjectTime, modified ?? SharedObjectTime);
        _json.WriteString("name"u8, family);
        _json.WriteBoolean("is_family"u8, true);
        _json.WriteEndObject();
    }

    /// <summary>What every object begins with.</summary>
    public void WriteHead(ReadOnlySpan<byte> type, string id, string created, string modified, bool createdBy = true)
    {
        _json.WriteString("type"u8, type);
        _json.WriteString("spec_version"u8, "2.1"u8);
        _json.WriteString("id"u8, id);
        if (createdBy)
        {
            _json.WriteString("created_by_ref"u8, Identity);
        }

        _json.WriteString("created"u8, created);
        _json.WriteString("modified"u8, modified);
        if (_marking is not null)
        {
            _json.WriteStartArray("object_marking_refs"u8);
            _json.WriteStringValue(_marking);
            _json.WriteEndArray();
        }
    }
}
