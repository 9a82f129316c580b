using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Files;

/// <summary>The files of a batch under temporary names, from which they are renamed when it is the batch's turn.</summary>
internal sealed class TemporaryFiles
{
    /// <summary>Where each one is being written; a threat without content has none.</summary>
    public required IReadOnlyDictionary<ThreatId, string> Paths { get; init; }

    /// <summary>Ends when all are on the disk. Until then the bytes of the batch are in use.</summary>
    public required Task Written { get; init; }
}
