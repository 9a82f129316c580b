namespace PhishMe.Engine.Serving.Taxii;

/// <summary>How far an answer brings its reader.</summary>
/// <param name="Collection">The alias of the collection.</param>
/// <param name="Reached">The date added up to which the reader has read; null when it began at the beginning and there is nothing.</param>
/// <param name="IsAtEnd">Whether there is nothing behind that.</param>
internal sealed record TaxiiPoll(string Collection, DateTimeOffset? Reached, bool IsAtEnd);
