using System.Text.Json;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>The marking definitions of STIX that OASIS publishes: the four of STIX 2.1, 7.2.1.4, and that of TLP 2.0 for the strict form of amber.</summary>
internal sealed class StixMarking
{
    private const string Tlp2Extension = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";

    private static readonly StixMarking _clear = new() { Id = "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9", Word = "white" };
    private static readonly StixMarking _green = new() { Id = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da", Word = "green" };
    private static readonly StixMarking _amber = new() { Id = "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82", Word = "amber" };
    private static readonly StixMarking _red = new() { Id = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed", Word = "red" };

    // TLP 1.0 has no word for it.
    private static readonly StixMarking _amberStrict = new()
    {
        Id = "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
        Word = "amber+strict",
        IsTlp2 = true,
    };

    private StixMarking()
    {
    }

    /// <summary>The id that objects refer to.</summary>
    public required string Id { get; init; }

    /// <summary>The word as the definition has it: of clear that which TLP had when the ids were fixed.</summary>
    public required string Word { get; init; }

    /// <summary>When OASIS published it, as it is written; a definition has no later version.</summary>
    public string Created => IsTlp2 ? "2022-10-01T00:00:00.000Z" : "2017-01-20T00:00:00.000Z";

    private bool IsTlp2 { get; init; }

    /// <summary>The definition of a level; null for no marking.</summary>
    public static StixMarking? Of(TlpLevel level) => level switch
    {
        TlpLevel.None => null,
        TlpLevel.Clear => _clear,
        TlpLevel.Green => _green,
        TlpLevel.Amber => _amber,
        TlpLevel.AmberStrict => _amberStrict,
        TlpLevel.Red => _red,
    };

    /// <summary>Writes the definition as OASIS publishes it.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "marking-definition"u8);
        json.WriteString("spec_version"u8, "2.1"u8);
        json.WriteString("id"u8, Id);
        json.WriteString("created"u8, Created);
        if (!IsTlp2)
        {
            json.WriteString("definition_type"u8, "tlp"u8);
        }

        json.WriteString("name"u8, "TLP:" + Word.ToUpperInvariant());
        if (IsTlp2)
        {
            json.WriteStartObject("extensions"u8);
            json.WriteStartObject(Tlp2Extension);
            json.WriteString("extension_type"u8, "property-extension"u8);
            json.WriteString("tlp_2_0"u8, Word);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        else
        {
            json.WriteStartObject("definition"u8);
            json.WriteString("tlp"u8, Word);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
