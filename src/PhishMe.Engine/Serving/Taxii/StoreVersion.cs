namespace PhishMe.Engine.Serving.Taxii;

/// <summary>A state of the store. Two that are equal have the same content.</summary>
/// <param name="Opening">Which opening of the store saw it: a state file may be set aside and made anew.</param>
/// <param name="Change">The number of that opening; it changes with every commit.</param>
internal readonly record struct StoreVersion(int Opening, long Change);
