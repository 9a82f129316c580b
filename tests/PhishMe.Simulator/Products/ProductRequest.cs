using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace PhishMe.Simulator.Products;

/// <summary>A request as a simulated product sees it.</summary>
/// <param name="Method">The method, in capitals.</param>
/// <param name="RawTarget">Path and query exactly as they were on the wire.</param>
/// <param name="Headers">Headers; names ignore case.</param>
/// <param name="Body">The body, unpacked when it was compressed.</param>
public sealed record ProductRequest(string Method, string RawTarget, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    /// <summary>The path without the query, still percent-encoded.</summary>
    public string Path => RawTarget.Split('?', 2)[0];

    /// <summary>The body as text.</summary>
    public string Text => Encoding.UTF8.GetString(Body);

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>A parameter of the query, decoded; null when it is missing.</summary>
    public string? Query(string name) =>
        RawTarget.Split('?', 2) is [_, var query] && QueryHelpers.ParseQuery(query).TryGetValue(name, out var value) ? value.ToString() : null;
}
