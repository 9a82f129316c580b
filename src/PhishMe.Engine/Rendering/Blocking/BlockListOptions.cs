namespace PhishMe.Engine.Rendering.Blocking;

/// <summary>What a block list holds beyond what is safe to block. Nothing of it is on by default.</summary>
internal sealed record BlockListOptions
{
    /// <summary>Also what is for correlation and alerts only.</summary>
    public bool IncludeCorollary { get; init; }

    /// <summary>Also what the vendor calls benign.</summary>
    public bool IncludeBenign { get; init; }

    /// <summary>Also unroutable addresses, and names and URLs that lead to them.</summary>
    public bool IncludePrivateAddresses { get; init; }

    /// <summary>Also the hashes of the file without content.</summary>
    public bool IncludeEmptyFile { get; init; }
}
