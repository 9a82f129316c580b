using System.Text;
using System.Text.Json;
using PhishMe.Engine.Destinations.HttpPush;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>An indicator of ours: there, or waiting for room.</summary>
/// <param name="Key">As the ledger has it.</param>
/// <param name="Id">Defender's own id; null while it waits, or when it is not known whether it is there.</param>
/// <param name="Payload">As the import takes it.</param>
internal sealed record DefenderEntry(string Key, string? Id, ReadOnlyMemory<byte> Payload)
{
    private const string Waiting = "-";
    private static readonly string[] _severities = ["Informational", "Low", "Medium", "High"];

    /// <summary>What Defender knows it by.</summary>
    public string Value { get; } = ValueOf(Payload);

    /// <summary>From 0; the higher stays.</summary>
    public int Severity { get; } = Read(Payload, payload => Array.IndexOf(_severities, payload.Text("severity")));

    public DateTimeOffset End { get; } = Read(Payload, payload => payload.GetProperty("expirationTime").GetDateTimeOffset());

    /// <summary>As the ledger keeps it.</summary>
    public string Reference => $"{Id ?? Waiting} {Encoding.UTF8.GetString(Payload.Span)}";

    /// <summary>Who stays when there is no room: the higher impact, then what ends later, then by key, so that the choice is always the same.</summary>
    public static IEnumerable<DefenderEntry> ByWorth(IEnumerable<DefenderEntry> entries) =>
        entries.OrderByDescending(entry => entry.Severity).ThenByDescending(entry => entry.End).ThenBy(entry => entry.Key, StringComparer.Ordinal);

    /// <summary>Type and value in a payload.</summary>
    public static string ValueOf(ReadOnlyMemory<byte> payload) => Read(payload, json => $"{json.Text("indicatorType")}/{json.Text("indicatorValue")}");

    /// <summary>Reads what the ledger has.</summary>
    public static DefenderEntry Of(string key, string reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        var blank = reference.IndexOf(' ', StringComparison.Ordinal);
        return new DefenderEntry(key, reference[..blank] is Waiting ? null : reference[..blank], Encoding.UTF8.GetBytes(reference[(blank + 1)..]));
    }

    private static T Read<T>(ReadOnlyMemory<byte> payload, Func<JsonElement, T> read)
    {
        using var document = JsonDocument.Parse(payload);
        return read(document.RootElement);
    }
}
