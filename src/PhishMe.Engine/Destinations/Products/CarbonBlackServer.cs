using System.Net;
using System.Text.Json;
using PhishMe.Engine.Destinations.Feeds;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>
/// The server of Carbon Black EDR, for <c>register_feed = True</c>: it gets to know the feed, and synchronizes it when the file changed. In full when
/// something left the file, because the server keeps it otherwise.
/// </summary>
internal sealed class CarbonBlackServer : IFeedSubscriber
{
    private const string Feeds = "/api/v1/feed";

    private readonly HttpTarget _target;
    private readonly CarbonBlackRegistration _registration;

    public CarbonBlackServer(HttpTargetSettings settings, CarbonBlackRegistration registration, string token, DestinationHost host)
    {
        _registration = registration;
        _target = new HttpTarget(
            settings with { Proxy = host.Proxy }, new HeaderAuthentication("X-Auth-Token", token, token), $"PhishMe.PowerShell/{host.Version} ({host.Id})", host.Clock, host.Log);
    }

    public async Task<string?> NotifyAsync(bool isFull, CancellationToken cancellationToken)
    {
        var id = await RegisterAsync(cancellationToken).ConfigureAwait(false);
        var call = HttpCall.Post(
            FormattableString.Invariant($"{Feeds}/{id}/synchronize"),
            JsonBody.OfObject(json => json.WriteBoolean("full_sync", isFull && _registration.FullSyncOnRetract)));
        var answer = await _target.CallAsync(call, cancellationToken).ConfigureAwait(false);
        if (answer.Status == HttpStatusCode.Conflict)
        {
            return $"{_target.Host} does not read the feed {_registration.Name}, because it is disabled there. Enable it in Threat Intelligence.";
        }

        if (!answer.IsSuccess)
        {
            throw _target.Misconfigured($"{_target.Host} does not synchronize the feed {_registration.Name}: {answer.Words()}", call);
        }

        _target.JsonOf(answer, call, json => json.ValueKind is JsonValueKind.Object or JsonValueKind.True);
        return null;
    }

    public async Task<CheckResult> CheckAsync(CancellationToken cancellationToken)
    {
        var feed = Find(await ListAsync(cancellationToken).ConfigureAwait(false));
        return feed is { } known && known.TryGetProperty("enabled", out var enabled) && enabled.ValueKind == JsonValueKind.False
            ? Checks.Warn(_target.Host, $"The feed {_registration.Name} is disabled on the server.", "Enable it in Threat Intelligence.")
            : Checks.Pass(_target.Host, feed is null
                ? $"The token is accepted. The next run registers the feed {_registration.Name}."
                : $"The token is accepted, and the feed {_registration.Name} is registered.");
    }

    public void Dispose() => _target.Dispose();

    /// <summary>The number of the feed on the server. One that someone registered under another address gets ours.</summary>
    private async Task<int> RegisterAsync(CancellationToken cancellationToken)
    {
        if (Find(await ListAsync(cancellationToken).ConfigureAwait(false)) is not { } known)
        {
            var create = HttpCall.Post(Feeds, JsonBody.OfObject(WriteFeed)) with { IsRepeatable = false };
            var created = await _target.CallAsync(create, cancellationToken).ConfigureAwait(false);
            return created.IsSuccess
                ? Number(_target.JsonOf(created, create, IsFeed))
                : throw _target.Misconfigured($"{_target.Host} does not register the feed {_registration.Name} from {_registration.Address}: {created.Words()}", create);
        }

        var id = Number(known);
        if (known.Text("feed_url") != _registration.Address)
        {
            var change = new HttpCall
            {
                Method = HttpMethod.Put,
                PathAndQuery = FormattableString.Invariant($"{Feeds}/{id}"),
                Body = JsonBody.OfObject(json => WriteChanged(json, known)),
                MediaType = "application/json",
            };
            var answer = await _target.CallAsync(change, cancellationToken).ConfigureAwait(false);
            if (!answer.IsSuccess)
            {
                throw _target.Misconfigured($"{_target.Host} does not change the address of the feed {_registration.Name}: {answer.Words()}", change);
            }

            _target.JsonOf(answer, change, json => json.ValueKind == JsonValueKind.Object);
        }

        return id;
    }

    private async Task<JsonElement> ListAsync(CancellationToken cancellationToken) =>
        await _target.CallForJsonAsync(
            HttpCall.Get(Feeds), json => json.ValueKind == JsonValueKind.Array && json.EnumerateArray().All(IsFeed), cancellationToken).ConfigureAwait(false);

    private JsonElement? Find(JsonElement feeds)
    {
        foreach (var feed in feeds.EnumerateArray())
        {
            if (string.Equals(feed.Text("name"), _registration.Name, StringComparison.OrdinalIgnoreCase))
            {
                return feed;
            }
        }

        return null;
    }

    private static bool IsFeed(JsonElement json) => Identifier(json) is not null;

    private static int Number(JsonElement feed) => Identifier(feed)!.Value;

    /// <summary>Some versions write the number as text.</summary>
    private static int? Identifier(JsonElement json) => json.Number("id") ?? (int.TryParse(json.Text("id"), out var id) ? id : null);

    private void WriteFeed(Utf8JsonWriter json)
    {
        json.WriteString("name", _registration.Name);
        json.WriteString("feed_url", _registration.Address);
        json.WriteBoolean("enabled", true);
        json.WriteBoolean("manually_added", true);
        json.WriteBoolean("use_proxy", false);
        json.WriteBoolean("validate_server_cert", true);
    }

    /// <summary>Everything else stays as an administrator set it.</summary>
    private void WriteChanged(Utf8JsonWriter json, JsonElement known)
    {
        foreach (var member in known.EnumerateObject())
        {
            if (!member.NameEquals("feed_url"))
            {
                member.WriteTo(json);
            }
        }

        json.WriteString("feed_url", _registration.Address);
    }
}
