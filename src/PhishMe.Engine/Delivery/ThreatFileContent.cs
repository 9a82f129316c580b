using PhishMe.Intelligence;

namespace PhishMe.Engine.Delivery;

/// <summary>What the file of a threat shall hold.</summary>
/// <param name="Id">The threat.</param>
/// <param name="FirstPublished">Epoch milliseconds; gives the date folder.</param>
/// <param name="PreviousFirstPublished">The date under which the file was written before.</param>
/// <param name="Bytes">The content; empty for no file.</param>
internal readonly record struct ThreatFileContent(
    ThreatId Id, long? FirstPublished, PreviousDate PreviousFirstPublished, ReadOnlyMemory<byte> Bytes);
