using System.Text.Json;
using PhishMe.Engine.Destinations.HttpPush;

namespace PhishMe.Engine.Destinations.Taxii;

/// <summary>What a server says of an envelope (TAXII 2.1, 4.3.1).</summary>
internal sealed record TaxiiStatus
{
    /// <summary>What to ask by; null when the server names none.</summary>
    public string? Id { get; init; }

    /// <summary>Whether objects are still waiting to be looked at.</summary>
    public required bool IsPending { get; init; }

    /// <summary>How many failed.</summary>
    public required int FailureCount { get; init; }

    /// <summary>Those that failed, with the server's words; some servers count them only.</summary>
    public required IReadOnlyList<(string Id, string Message)> Failures { get; init; }

    /// <summary>Whether an answer is a status at all.</summary>
    public static bool Is(JsonElement json) => json.Text("status") is "complete" or "pending";

    public static TaxiiStatus Read(JsonElement json)
    {
        (string, string)[] failures =
        [
            .. from failure in json.List("failures") ?? []
               let id = failure.Text("id") ?? (failure.ValueKind == JsonValueKind.String ? failure.GetString() : null)
               where id is not null
               select (id, failure.Text("message") ?? "Refused without a reason."),
        ];
        return new TaxiiStatus
        {
            Id = json.Text("id"),
            IsPending = json.Text("status") == "pending" || json.Number("pending_count") > 0,
            FailureCount = Math.Max(json.Number("failure_count") ?? 0, failures.Length),
            Failures = failures,
        };
    }
}
