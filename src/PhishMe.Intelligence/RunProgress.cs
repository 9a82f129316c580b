namespace PhishMe.Intelligence;

/// <summary>How far a run is.</summary>
public sealed record RunProgress
{
    /// <summary>What is being done, for a person.</summary>
    public required string Activity { get; init; }

    /// <summary>Threats, pages or windows done.</summary>
    public required long Done { get; init; }

    /// <summary>How many there are in all; null when the API does not say.</summary>
    public long? Total { get; init; }
}
