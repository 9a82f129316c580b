using PhishMe.Engine.Storage;

namespace PhishMe.Engine.Lookup;

/// <summary>
/// The keys that a piece of text asks for, asked for in one call. While they gather, the answer is always "no"; after that it is that of the index.
/// </summary>
internal sealed class GatheredKeys(IDistantIndex index)
{
    private readonly HashSet<long> _asked = [];
    private HashSet<long> _present = [];
    private bool _isGathering;

    /// <summary>Forgets the piece before, and gathers.</summary>
    public void Begin()
    {
        _asked.Clear();
        _present.Clear();
        _isGathering = true;
    }

    /// <summary>Asks for the keys that have gathered.</summary>
    /// <returns>Whether any of them is in the index.</returns>
    public bool Ask()
    {
        _isGathering = false;
        _present = [.. index.FindPresent(_asked)];
        return _present.Count > 0;
    }

    /// <summary>Whether a key of the piece is in the index.</summary>
    public bool MayContain(long key)
    {
        if (_isGathering)
        {
            _asked.Add(key);
            return false;
        }

        return _present.Contains(key);
    }
}
