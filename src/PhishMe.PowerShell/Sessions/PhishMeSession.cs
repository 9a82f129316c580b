using PhishMe.Intelligence;

namespace PhishMe.PowerShell;

/// <summary>
/// A connection as <c>Connect-PhishMe</c> makes it. It may be handed to other runspaces, as with <c>ForEach-Object -Parallel</c>: one brake on requests
/// serves all who use it.
/// </summary>
public sealed class PhishMeSession
{
    internal PhishMeSession(IIntelligenceSession port, IReadOnlyList<Feed> feeds)
    {
        Port = port;
        Feeds = feeds;
        ConnectedAt = DateTimeOffset.Now;
    }

    /// <summary>Root of the API.</summary>
    public Uri BaseUri => Port.BaseUri;

    /// <summary>User part of the token, cut.</summary>
    public string User => Port.User;

    /// <summary>The proxy; null for none.</summary>
    public Uri? Proxy => Port.Proxy;

    /// <summary>Whether the server's certificate is verified.</summary>
    public bool VerifiesTls => Port.VerifiesTls;

    /// <summary>The configuration file it was made of; null when it was made without one.</summary>
    public string? ConfigurationPath => Port.ConfigurationPath;

    /// <summary>When it was made.</summary>
    public DateTimeOffset ConnectedAt { get; }

    /// <summary>The feeds the credentials have to do with.</summary>
    public IReadOnlyList<Feed> Feeds { get; }

    /// <summary>Requests sent so far, repeats included.</summary>
    public int Requests => Port.Requests;

    /// <summary>Whether it can be used.</summary>
    public bool IsConnected { get; private set; } = true;

    /// <summary>The engine's side.</summary>
    internal IIntelligenceSession Port { get; }

    /// <summary>What tab completion may offer.</summary>
    internal SeenWords Seen { get; } = new();

    /// <summary>Where it leads.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{BaseUri} as {User}";

    /// <summary>Ends it for everybody who holds it.</summary>
    /// <returns>Completes when it is closed.</returns>
    internal ValueTask CloseAsync()
    {
        IsConnected = false;
        return Port.DisposeAsync();
    }
}
