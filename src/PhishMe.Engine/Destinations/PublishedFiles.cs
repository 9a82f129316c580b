namespace PhishMe.Engine.Destinations;

/// <summary>What publishing a delivery did to files.</summary>
/// <param name="Written">Per-threat files written.</param>
/// <param name="Removed">Per-threat files removed.</param>
internal readonly record struct PublishedFiles(int Written, int Removed);
