namespace PhishMe.Simulator;

/// <summary>What the simulator can take, as honest servers have limits. Everything is without a limit by default.</summary>
public sealed record HostLimits
{
    /// <summary>Requests accepted per second; more are answered with 429. Null for no limit.</summary>
    public double? PerSecond { get; init; }

    /// <summary>Requests that may be saved up while fewer come.</summary>
    public int Burst { get; init; } = 10;

    /// <summary>Whether 429 says in <c>Retry-After</c> when the next request is accepted.</summary>
    public bool SaysRetryAfter { get; init; }

    /// <summary>Requests worked on at a time; the others wait. Null for no limit.</summary>
    public int? Workers { get; init; }

    /// <summary>How long a worker works on a request.</summary>
    public TimeSpan Work { get; init; } = TimeSpan.FromMilliseconds(30);

    /// <summary>Requests under way beyond which the connection of the next one is closed without an answer. Null for never.</summary>
    public int? HangsUpBeyond { get; init; }
}
