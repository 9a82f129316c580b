namespace PhishMe.Engine.Destinations.Products;

/// <summary>What the server of Carbon Black gets to know of the feed.</summary>
/// <param name="Name">The name of the feed, by which it is found.</param>
/// <param name="Address">Where the server reads it: <c>file://</c> or <c>https://</c>.</param>
/// <param name="FullSyncOnRetract">Whether the server forgets what left the feed.</param>
internal sealed record CarbonBlackRegistration(string Name, string Address, bool FullSyncOnRetract);
