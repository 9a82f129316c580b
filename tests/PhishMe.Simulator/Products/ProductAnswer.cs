using System.Text;

namespace PhishMe.Simulator.Products;

/// <summary>What a simulated product answers.</summary>
public sealed record ProductAnswer(int Status, string? MediaType = null, byte[]? Body = null)
{
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Whether the connection is cut instead of answering.</summary>
    public bool IsCut { get; init; }

    /// <summary>Whether the connection is cut behind the body, which promised more.</summary>
    public bool IsCutInBody { get; init; }

    /// <summary>The answer leaves when this is done: a product that is slow. Other requests are answered meanwhile.</summary>
    public Task Hold { get; init; } = Task.CompletedTask;

    public static ProductAnswer Cut { get; } = new(0) { IsCut = true };

    public static ProductAnswer Json(int status, string json) => new(status, "application/json", Encoding.UTF8.GetBytes(json));

    public static ProductAnswer Page(int status, string text) => new(status, "text/html", Encoding.UTF8.GetBytes(text));
}
