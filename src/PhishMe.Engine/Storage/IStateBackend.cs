using PhishMe.Engine.Storage.Copying;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage;

/// <summary>Opens the state of runs, and the store of threats in it: the one place that knows what keeps them.</summary>
internal interface IStateBackend
{
    /// <summary>Whether there is a state to look at; false for an empty file, which a run is just making.</summary>
    bool Exists(StateLocation location);

    /// <summary>Opens the state, makes it when it is missing, and brings it to the newest version.</summary>
    /// <param name="location">Where it is. A shared state is leased until it is disposed: no other run on any host can open it meanwhile.</param>
    /// <param name="step">Receives the name of each step of an upgrade: the seam at which tests kill it. Null in production.</param>
    /// <exception cref="PhishMeException">It cannot be opened, or is of a newer version.</exception>
    /// <exception cref="StateDamagedException">It is damaged.</exception>
    IStateStore Open(StateLocation location, Action<string>? step = null);

    /// <summary>Opens the state to look at it, whether a run is under way or not.</summary>
    /// <exception cref="PhishMeException">It cannot be read.</exception>
    /// <exception cref="StateDamagedException">It is damaged.</exception>
    IStateStore OpenReadOnly(StateLocation location);

    /// <summary>Opens a copy that a dry run may change.</summary>
    /// <exception cref="PhishMeException">It cannot be read.</exception>
    IStateStore OpenCopy(StateLocation location);

    /// <summary>Moves a damaged state out of the way, whole, so that a new one can be begun.</summary>
    /// <param name="location">Where it is.</param>
    /// <param name="aside">Where it goes.</param>
    /// <exception cref="PhishMeException">It cannot be moved.</exception>
    void SetAside(StateLocation location, string aside);

    /// <summary>Opens the state to copy it.</summary>
    /// <exception cref="PhishMeException">It does not exist, cannot be opened, or a run is under way.</exception>
    ICopySource OpenCopySource(StateLocation location);

    /// <summary>Opens what a copy is made into: a state that does not exist yet, or an unfinished copy.</summary>
    /// <exception cref="PhishMeException">It cannot be opened, or a run is under way.</exception>
    ICopyTarget OpenCopyTarget(StateLocation location);

    /// <summary>The store of threats in the state.</summary>
    IStoreLocation StoreAt(StateLocation location);

    /// <summary>Asks the server that keeps the state what it is and what this account may do there. Changes nothing.</summary>
    /// <returns>Null when no server keeps it.</returns>
    /// <exception cref="PhishMeException">The server cannot be reached, or refuses us.</exception>
    StateServerReport? Inspect(StateLocation location) => null;
}
