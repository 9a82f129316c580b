using PhishMe.Engine.Storage;

namespace PhishMe.Engine.Lookup;

/// <summary>One key to look for in the index.</summary>
/// <param name="Space">What the key is made of.</param>
/// <param name="Text">What a stored indicator must have there.</param>
/// <param name="Rule">Why it is looked up.</param>
internal readonly record struct LookupKey(KeySpace Space, string Text, LookupRule Rule);
