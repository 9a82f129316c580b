namespace PhishMe.Intelligence;

/// <summary>What a shell tells the engine about itself.</summary>
public sealed record EngineOptions
{
    /// <summary>Version of the product, as it stands in the User-Agent.</summary>
    public required string Version { get; init; }

    /// <summary>Whether the shell is a program of its own that does nothing else, so that the engine may collect garbage when it wants.</summary>
    public bool OwnsProcess { get; init; }

    /// <summary>
    /// Looks up the value behind <c>secret:NAME</c> in a configuration file; gets NAME, returns null when the shell does not know it.
    /// Null when the shell has no store for secrets. May be called from any thread.
    /// </summary>
    public Func<string, string?>? SecretResolver { get; init; }
}
