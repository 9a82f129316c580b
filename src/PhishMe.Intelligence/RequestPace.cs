namespace PhishMe.Intelligence;

/// <summary>How fast the API was found to take requests.</summary>
public sealed record RequestPace
{
    /// <summary>Requests in flight, 1 to <c>concurrent_requests</c>.</summary>
    public required int InFlight { get; init; }

    /// <summary>Requests per second that the API allows; null when it refused none for coming too fast.</summary>
    public double? PerSecond { get; init; }

    /// <summary>Requests of this run that the API refused because they came too fast (429).</summary>
    public int Refused { get; init; }
}
