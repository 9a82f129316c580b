using PhishMe.Engine.Configuration;

namespace PhishMe.Engine.Destinations;

/// <summary>A destination that is made from the store at the end of a run: lists and feed files.</summary>
internal sealed record RebuiltDestination : Destination
{
    public override Intelligence.DestinationKind Kind => Intelligence.DestinationKind.Rebuilt;

    /// <summary>Opens it for a run. Throws a PhishMeException when it cannot be used.</summary>
    public required Func<DestinationHost, IRebuiltDestination> Open { get; init; }

    /// <summary>
    /// Stands for the settings that its files follow from. When it differs from that of the last run, the files are made again although no threat
    /// changed.
    /// </summary>
    public string Fingerprint { get; init; } = string.Empty;

    /// <summary>The files that it makes, with full paths; their folder may be missing.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>
    /// The full path of a file of which the store makes one per threat, by its name; the file may be missing. Null for a name that this destination never
    /// gives, and for destinations without such files.
    /// </summary>
    public Func<string, string?> FileOfThreat { get; init; } = _ => null;
}
