using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Files;

/// <summary>What shall become of the file of a threat.</summary>
/// <param name="Id">The threat.</param>
/// <param name="FirstPublished">Epoch milliseconds; gives the date folder.</param>
/// <param name="PreviousFirstPublished">The date under which the file was written before.</param>
/// <param name="IsEmpty">Whether the threat has no file in this format; otherwise one was begun for it.</param>
internal readonly record struct ThreatFileContent(
    ThreatId Id, long? FirstPublished, PreviousDate PreviousFirstPublished, bool IsEmpty);
