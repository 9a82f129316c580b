using PhishMe.Engine.Configuration;

namespace PhishMe.Engine.Destinations;

/// <summary>A destination that takes part in the commit of a batch: files.</summary>
internal sealed record TransactionalDestination : Destination
{
    public override Intelligence.DestinationKind Kind => Intelligence.DestinationKind.Transactional;

    /// <summary>Opens it for a run. Throws a PhishMeException when it cannot be used.</summary>
    public required Func<DestinationHost, ITransactionalDestination> Open { get; init; }

    /// <summary>Files that it appends to, with full paths, besides those of a raw output.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];
}
