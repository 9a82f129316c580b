using PhishMe.Intelligence;

namespace PhishMe.PowerShell;

/// <summary>Where the store is.</summary>
/// <param name="Kind">What <paramref name="Value"/> is.</param>
/// <param name="Value">Full path of a file, or a connection. A connection may have credentials in it: never show it.</param>
internal sealed record StoreSource(StoreSourceKind Kind, string Value)
{
    /// <summary>Opens the store.</summary>
    /// <param name="engine">The engine.</param>
    /// <returns>The store; dispose it.</returns>
    /// <exception cref="PhishMeException">It cannot be opened.</exception>
    public IIntelligenceStore Open(IIntelligenceEngine engine) => Kind switch
    {
        StoreSourceKind.Configuration => engine.OpenConfiguredStore(Value),
        StoreSourceKind.Connection => engine.OpenSharedStore(Value),
        _ => engine.OpenStore(Value),
    };

    /// <summary>Without a connection.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Kind == StoreSourceKind.Connection ? nameof(StoreSourceKind.Connection) : $"{Kind} {Value}";
}
