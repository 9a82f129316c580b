using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>Where a store of threats is, and how it is opened. The rules of looking things up know nothing else about what keeps the store.</summary>
internal interface IStoreLocation
{
    /// <summary>What names the store in messages: the full path of a state file.</summary>
    string Name { get; }

    /// <summary>Whether it is in a database that hosts share.</summary>
    bool IsShared { get; }

    /// <summary>Whether there is something to open.</summary>
    bool Exists { get; }

    /// <summary>Opens the store for reading.</summary>
    /// <exception cref="PhishMeException">There is no store, it cannot be read, or it is of another version.</exception>
    IThreatStoreReader OpenReader();

    /// <summary>Opens what TAXII serves.</summary>
    /// <exception cref="PhishMeException">There is no store, it cannot be read, or it is of another version.</exception>
    IServedReader OpenServed();

    /// <summary>Begins to rebuild the store, in one transaction.</summary>
    /// <exception cref="PhishMeException">The store cannot be written.</exception>
    /// <exception cref="StateDamagedException">The store is damaged.</exception>
    IThreatStoreRebuild BeginRebuild();
}
