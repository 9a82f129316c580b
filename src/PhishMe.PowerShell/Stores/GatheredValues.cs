namespace PhishMe.PowerShell;

/// <summary>
/// Values of a pipeline that are looked up together. In a state file a look-up costs less than gathering, so each value is looked up as it comes. A shared state
/// is asked for many values at once, as long as they follow each other closely; a value that comes after a pause is looked up at once.
/// </summary>
/// <param name="isShared">Whether the store is in a shared state.</param>
/// <param name="clock">The clock.</param>
internal sealed class GatheredValues(bool isShared, TimeProvider clock)
{
    /// <summary>Values that are looked up together at most.</summary>
    public const int Most = 256;

    /// <summary>What is a pause between two values, and how long a value waits while others follow.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly List<string> _values = [];
    private long? _idleSince;
    private long _gatheringSince;
    private bool _isClose;

    /// <summary>Adds values; blank ones are skipped.</summary>
    /// <param name="values">The values of a record.</param>
    /// <returns>Whether to look up what has gathered.</returns>
    public bool Add(string[] values)
    {
        if (_values.Count == 0)
        {
            _isClose = isShared && _idleSince is long since && clock.GetElapsedTime(since) < Pause;
            _gatheringSince = clock.GetTimestamp();
        }

        _values.AddRange(values.Where(value => !string.IsNullOrWhiteSpace(value)));
        return !_isClose || _values.Count >= Most || clock.GetElapsedTime(_gatheringSince) >= Pause;
    }

    /// <summary>The values that have gathered, in their order.</summary>
    /// <returns>The values; empty when there are no more.</returns>
    public IReadOnlyList<string> Take()
    {
        string[] taken = [.. _values];
        _values.Clear();
        return taken;
    }

    /// <summary>What was taken is looked up, and the matches are handed over: what that took is no pause between two values.</summary>
    public void Done() => _idleSince = clock.GetTimestamp();
}
