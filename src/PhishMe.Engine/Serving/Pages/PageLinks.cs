using PhishMe.Intelligence;

namespace PhishMe.Engine.Serving.Pages;

/// <summary>The addresses that pages link to. A page that is one file has none of them.</summary>
internal sealed record PageLinks
{
    /// <summary>No server: the page stands alone.</summary>
    public static PageLinks None { get; } = new();

    /// <summary>The pages of the server.</summary>
    public static PageLinks OfServer { get; } = new() { IsServed = true };

    /// <summary>Whether there is a server to ask.</summary>
    public bool IsServed { get; private init; }

    /// <summary>The page of a threat; null without a server.</summary>
    public string? Threat(ThreatId id) => IsServed ? $"/threats/{id}" : null;

    /// <summary>What a search finds; null without a server.</summary>
    public string? Search(string words) => IsServed ? $"/search?q={Uri.EscapeDataString(words)}" : null;

    /// <summary>An address outside, when it is one that a browser may follow: what threats name as their page is text of others.</summary>
    public static string? Outside(string? address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps && uri.UserInfo.Length == 0 ? uri.AbsoluteUri : null;
}
