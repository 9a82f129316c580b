namespace PhishMe.Engine.Destinations.Taxii;

/// <summary>The times of an object as it is sent.</summary>
/// <param name="Created">Of the first version.</param>
/// <param name="Modified">Of this version.</param>
internal readonly record struct TaxiiVersion(DateTimeOffset Created, DateTimeOffset Modified);
