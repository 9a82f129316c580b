namespace PhishMe.Engine.Storage;

/// <summary>A family in the order of what is served.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Added">Date added, epoch milliseconds.</param>
/// <param name="Collections">The collections that it is in: a bit for each.</param>
internal readonly record struct ServedFamily(string Name, long Added, int Collections);
