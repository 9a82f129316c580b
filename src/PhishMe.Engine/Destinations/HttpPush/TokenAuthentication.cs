using System.Net.Http.Headers;

namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>
/// OAuth bearer tokens (RFC 6750): asked for when first needed, renewed a minute before they end, and once when a request is refused. All calls share one
/// renewal.
/// </summary>
/// <param name="grant">How a token is asked for.</param>
/// <param name="clock">The clock of the lifetime.</param>
internal sealed class TokenAuthentication(ITokenSource grant, TimeProvider clock) : IHttpAuthentication, IDisposable
{
    private static readonly TimeSpan _renewedBefore = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _renewal = new(1);
    private AccessToken? _token;
    private long _givenAt;

    public IReadOnlyCollection<string> Secrets => Volatile.Read(ref _token) is AccessToken token ? [.. grant.Secrets, token.Value] : grant.Secrets;

    public async ValueTask SignAsync(HttpTarget target, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var token = Current() ?? await ReplaceAsync(target, null, cancellationToken).ConfigureAwait(false);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Value);
    }

    /// <summary>Another call may have renewed the token while this one was refused.</summary>
    public async ValueTask<bool> RenewAsync(HttpTarget target, HttpRequestMessage refused, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(refused);
        await ReplaceAsync(target, refused.Headers.Authorization?.Parameter, cancellationToken).ConfigureAwait(false);
        return true;
    }

    public void Dispose()
    {
        _renewal.Dispose();
        (grant as IDisposable)?.Dispose();
    }

    private AccessToken? Current()
    {
        var token = Volatile.Read(ref _token);
        return token is { Lifetime: TimeSpan lifetime } && clock.GetElapsedTime(Volatile.Read(ref _givenAt)) > Usable(lifetime) ? null : token;
    }

    /// <summary>Of a token that lives for less than two minutes, half its life.</summary>
    private static TimeSpan Usable(TimeSpan lifetime) => lifetime > _renewedBefore * 2 ? lifetime - _renewedBefore : lifetime / 2;

    private async Task<AccessToken> ReplaceAsync(HttpTarget target, string? refused, CancellationToken cancellationToken)
    {
        await _renewal.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (Current() is AccessToken renewed && renewed.Value != refused)
            {
                return renewed;
            }

            var given = clock.GetTimestamp();
            var token = await grant.RequestAsync(target, cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _givenAt, given);
            Volatile.Write(ref _token, token);
            return token;
        }
        finally
        {
            _renewal.Release();
        }
    }
}
