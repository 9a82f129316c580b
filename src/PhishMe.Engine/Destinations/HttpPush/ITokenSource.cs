namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>Where bearer tokens come from.</summary>
internal interface ITokenSource
{
    /// <summary>What must never be repeated from an answer.</summary>
    IReadOnlyCollection<string> Secrets { get; }

    /// <summary>Asks for a token.</summary>
    /// <param name="target">The product that the token is for. A source with a service of its own asks there.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="TargetStoppedException">The service refuses, or what answers is not the service.</exception>
    Task<AccessToken> RequestAsync(HttpTarget target, CancellationToken cancellationToken);
}
