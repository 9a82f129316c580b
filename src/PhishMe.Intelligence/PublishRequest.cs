namespace PhishMe.Intelligence;

/// <summary>Threats to be delivered to one destination outside of a run.</summary>
public sealed record PublishRequest
{
    /// <summary>Path of the configuration file.</summary>
    public required string ConfigurationPath { get; init; }

    /// <summary>Id of a destination in use.</summary>
    public required string Destination { get; init; }

    /// <summary>The threats. Of one that is there more than once the last counts.</summary>
    public required IReadOnlyList<Threat> Threats { get; init; }

    /// <summary>Whether to send also what the destination has already, what is older than what it has, and what was withdrawn since.</summary>
    public bool Force { get; init; }
}
