using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Searching;

/// <summary>Keeps the newest of the threats that come, so that a window of any size takes no more memory than what was asked for.</summary>
/// <param name="most">How many at most, 1 or more.</param>
internal sealed class NewestThreats(int most)
{
    private readonly PriorityQueue<Threat, DateTimeOffset> _kept = new();

    /// <summary>Takes a threat, or drops the oldest.</summary>
    /// <param name="threat">The threat.</param>
    public void Add(Threat threat)
    {
        _kept.Enqueue(threat, threat.LastPublished ?? DateTimeOffset.MinValue);
        if (_kept.Count > most)
        {
            _kept.Dequeue();
        }
    }

    /// <summary>Gives back what was kept.</summary>
    /// <returns>The threats, the newest first.</returns>
    public IReadOnlyList<Threat> Take()
    {
        var threats = new Threat[_kept.Count];
        for (var i = threats.Length - 1; i >= 0; i--)
        {
            threats[i] = _kept.Dequeue();
        }

        return threats;
    }
}
