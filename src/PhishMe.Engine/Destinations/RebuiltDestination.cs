using PhishMe.Engine.Configuration;

namespace PhishMe.Engine.Destinations;

/// <summary>A destination that is made from the store at the end of a run: lists and feed files.</summary>
internal sealed record RebuiltDestination : Destination
{
    public override Intelligence.DestinationKind Kind => Intelligence.DestinationKind.Rebuilt;

    /// <summary>Opens it for a run. Throws a PhishMeException when it cannot be used.</summary>
    public required Func<DestinationHost, IRebuiltDestination> Open { get; init; }

    /// <summary>
    /// Tells whether what it makes follows from its settings as they are now; another text than the one of the last run makes it anew although no threat
    /// changed.
    /// </summary>
    public string Fingerprint { get; init; } = string.Empty;

    /// <summary>The files that it makes, with full paths; their folder may be missing.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];
}
