using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Copying;

/// <summary>
/// A state that a copy is made into. It is no state for runs before <see cref="Complete"/>. What was written is there after a kill, with the notes about it.
/// </summary>
internal interface ICopyTarget : ICopySource
{
    /// <summary>What an earlier, unfinished copy noted: for each area done its digest. Null when none is under way here.</summary>
    IReadOnlyDictionary<string, string>? Notes { get; }

    /// <summary>Whether it holds nothing that a run put there.</summary>
    bool IsEmpty { get; }

    /// <summary>Notes whose copy this becomes, before anything is written.</summary>
    /// <param name="note">What tells this copy from others.</param>
    /// <param name="value">Its value.</param>
    void Begin(string note, string value);

    /// <summary>Replaces the rows of an area, and notes that it is done: all or nothing.</summary>
    /// <param name="area">The area.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="digest">Called behind the last row: what to note.</param>
    /// <exception cref="PhishMeException">The state cannot be written.</exception>
    void Replace(string area, IReadOnlyList<string> columns, IEnumerable<object?[]> rows, Func<string> digest);

    /// <summary>Removes the index.</summary>
    void ClearIndex();

    /// <summary>Reads stored threats behind a place.</summary>
    /// <returns>The store's own key and the JSON, null when damaged; fewer than <paramref name="most"/> at the end.</returns>
    IReadOnlyList<(long Key, byte[]? Json)> ReadJson(long after, int most);

    /// <summary>Indexes stored threats, and notes the place that has been reached: all or nothing.</summary>
    /// <param name="threats">The threats.</param>
    /// <param name="note">What is noted.</param>
    /// <param name="place">The place.</param>
    void Index(IReadOnlyList<(long Key, PreparedThreat Threat)> threats, string note, string place);

    /// <summary>The copy is complete and verified: from now on it is a state for runs.</summary>
    void Complete();
}
