namespace PhishMe.Intelligence;

/// <summary>What one output took in one run.</summary>
public sealed record OutputSummary
{
    /// <summary>The section that asked for the output.</summary>
    public required string Output { get; init; }

    /// <summary>The format.</summary>
    public required OutputFormat Format { get; init; }

    /// <summary>Threats handed to the output.</summary>
    public int Threats { get; init; }

    /// <summary>Threats taken back.</summary>
    public int Withdrawn { get; init; }

    /// <summary>Threats left out because they did not change since they were last handed over.</summary>
    public int Unchanged { get; init; }

    /// <summary>Per-threat files written.</summary>
    public int FilesWritten { get; init; }

    /// <summary>Per-threat files removed.</summary>
    public int FilesRemoved { get; init; }

    /// <summary>Bytes added to the append file.</summary>
    public long BytesAppended { get; init; }
}
