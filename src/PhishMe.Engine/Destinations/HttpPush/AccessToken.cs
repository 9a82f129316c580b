namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>A token as a token service gave it.</summary>
/// <param name="Value">The token. Never log it.</param>
/// <param name="Lifetime">From when it was given; null when the service does not say.</param>
internal sealed record AccessToken(string Value, TimeSpan? Lifetime)
{
    /// <summary>The kind alone.</summary>
    /// <returns>A text without the token.</returns>
    public override string ToString() => "an access token";
}
