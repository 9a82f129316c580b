namespace PhishMe.Engine.Destinations.Products;

/// <summary>What became of an entry of an import.</summary>
/// <param name="Id">Defender's id; null when it was not taken.</param>
/// <param name="Reason">Why it was not; null when it was.</param>
/// <param name="IsFull">Whether there was no room.</param>
internal readonly record struct DefenderResult(string? Id, string? Reason, bool IsFull);
