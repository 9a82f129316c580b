namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>Adds credentials to a request. Used by several calls at once.</summary>
internal interface IHttpAuthentication
{
    /// <summary>What must never be repeated from an answer: keys, passwords, tokens, in the forms in which they travel.</summary>
    IReadOnlyCollection<string> Secrets { get; }

    /// <summary>Signs a request whose method, address and body are final.</summary>
    /// <param name="target">The product, for plug-ins that ask it for a token.</param>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="TargetStoppedException">The product gives no token.</exception>
    ValueTask SignAsync(HttpTarget target, HttpRequestMessage request, CancellationToken cancellationToken);

    /// <summary>The product refused a request with 401.</summary>
    /// <param name="target">The product.</param>
    /// <param name="refused">The request as it was signed.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Whether it is worth sending again with new credentials.</returns>
    ValueTask<bool> RenewAsync(HttpTarget target, HttpRequestMessage refused, CancellationToken cancellationToken) => ValueTask.FromResult(false);
}
