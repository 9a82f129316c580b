namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>No credentials in the header: those of a token service stand in the body.</summary>
/// <param name="secrets">What must never be repeated from an answer.</param>
internal sealed class NoAuthentication(IReadOnlyCollection<string> secrets) : IHttpAuthentication
{
    public IReadOnlyCollection<string> Secrets => secrets;

    public ValueTask SignAsync(HttpTarget target, HttpRequestMessage request, CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
