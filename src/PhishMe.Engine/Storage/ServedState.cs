namespace PhishMe.Engine.Storage;

/// <summary>How far the order of what is served has come.</summary>
/// <param name="Form">In which form objects are rendered; another form makes all of them new. Null before the first order.</param>
/// <param name="Last">The newest date added, epoch milliseconds; null before the first.</param>
/// <param name="Pending">Threats that are new or changed since the order was made.</param>
/// <param name="Room">Objects that they have at most, families included.</param>
internal readonly record struct ServedState(string? Form, long? Last, long Pending, long Room);
