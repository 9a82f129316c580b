namespace PhishMe.Intelligence;

/// <summary>A feed of files that can be made of threats: the block lists and reports of one product.</summary>
public sealed record FeedDescription
{
    /// <summary>What it is called, such as <c>carbon_black</c>: its section of the configuration file without <c>integration_</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The product that reads it.</summary>
    public required string Product { get; init; }

    /// <summary>What it holds, in one sentence.</summary>
    public required string Description { get; init; }

    /// <summary>Whether it is a single file; otherwise it is a folder of files.</summary>
    public bool IsFile { get; init; }
}
