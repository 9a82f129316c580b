using System.Text;

namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>A header with a fixed value: a token, or user and password as in RFC 7617.</summary>
/// <param name="name">Name of the header.</param>
/// <param name="value">Its whole value.</param>
/// <param name="secrets">The secret parts of the value.</param>
internal sealed class HeaderAuthentication(string name, string value, params string[] secrets) : IHttpAuthentication
{
    public IReadOnlyCollection<string> Secrets { get; } = [value, .. secrets];

    /// <summary>User and password as in RFC 7617.</summary>
    public static HeaderAuthentication Basic(string user, string password)
    {
        var token = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
        return new HeaderAuthentication("Authorization", $"Basic {token}", token, password);
    }

    public ValueTask SignAsync(HttpTarget target, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.TryAddWithoutValidation(name, value);
        return ValueTask.CompletedTask;
    }
}
