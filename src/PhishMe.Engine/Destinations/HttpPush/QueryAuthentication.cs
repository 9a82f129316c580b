namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>Credentials in the query, only for products that take them nowhere else: proxies write addresses to their logs.</summary>
/// <param name="pairs">Names and values, not yet encoded.</param>
internal sealed class QueryAuthentication(IReadOnlyList<KeyValuePair<string, string>> pairs) : IHttpAuthentication
{
    public IReadOnlyCollection<string> Secrets { get; } = [.. pairs.SelectMany(pair => (string[])[pair.Value, Uri.EscapeDataString(pair.Value)])];

    public ValueTask SignAsync(HttpTarget target, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var address = request.RequestUri!.OriginalString;
        var query = string.Join('&', pairs.Select(pair => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(pair.Value)}"));
        request.RequestUri = new Uri(address + (address.Contains('?', StringComparison.Ordinal) ? '&' : '?') + query, HttpTarget.AsWritten);
        return ValueTask.CompletedTask;
    }
}
