using System.Runtime.InteropServices;
using PhishMe.Engine.Storage;

namespace PhishMe.Engine.Lookup;

/// <summary>The indicators that the look-ups of a piece of text need, read in one call. While their keys gather, there are no indicators.</summary>
internal sealed class GatheredRows(IDistantIndex index)
{
    private readonly Dictionary<long, (int From, int To)> _places = [];
    private readonly List<StoredIndicator> _rows = [];
    private bool _isGathering;

    /// <summary>Forgets the piece before, and gathers.</summary>
    public void Begin()
    {
        _places.Clear();
        _rows.Clear();
        _isGathering = true;
    }

    /// <summary>Reads what stands under the keys that have gathered.</summary>
    public void Ask()
    {
        _isGathering = false;
        if (_places.Count == 0)
        {
            return;
        }

        long[] keys = [.. _places.Keys];
        var ends = new int[keys.Length];
        index.Read(keys, _rows, ends);
        for (var i = 0; i < keys.Length; i++)
        {
            _places[keys[i]] = (i == 0 ? 0 : ends[i - 1], ends[i]);
        }
    }

    /// <summary>As <see cref="IIndicatorIndex.Read"/>.</summary>
    public void Read(ReadOnlySpan<long> keys, List<StoredIndicator> found, Span<int> ends)
    {
        for (var i = 0; i < keys.Length; i++)
        {
            if (_isGathering)
            {
                _places.TryAdd(keys[i], default);
            }
            else
            {
                (var from, var to) = _places[keys[i]];
                found.AddRange(CollectionsMarshal.AsSpan(_rows)[from..to]);
            }

            ends[i] = found.Count;
        }
    }
}
