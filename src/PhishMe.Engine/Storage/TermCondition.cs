namespace PhishMe.Engine.Storage;

/// <summary>Terms of which a threat must have one.</summary>
/// <param name="Sorts">What the terms are; any of these.</param>
/// <param name="Texts">The terms, in any case; at least one.</param>
internal sealed record TermCondition(IReadOnlyList<TermSort> Sorts, IReadOnlyList<string> Texts);
