namespace PhishMe.Engine.Destinations.Files;

/// <summary>The date of first publication (epoch milliseconds) under which a file was written before, if it was.</summary>
internal readonly record struct PreviousDate(bool Known, long? Date);
