using System.Collections;

namespace PhishMe.Intelligence;

/// <summary>How many indicators were left out, by reason. For one thread at a time.</summary>
public sealed class LeftOutCounts : IEnumerable<KeyValuePair<LeftOutReason, int>>
{
    private readonly int[] _counts = new int[Enum.GetValues<LeftOutReason>().Length];

    /// <summary>Indicators left out for a reason.</summary>
    /// <param name="reason">The reason.</param>
    public int this[LeftOutReason reason] => _counts[(int)reason];

    /// <summary>Indicators left out for any reason.</summary>
    public int Total => _counts.Sum();

    /// <summary>Counts indicators.</summary>
    /// <param name="reason">Why they were left out.</param>
    /// <param name="count">How many.</param>
    public void Add(LeftOutReason reason, int count = 1) => _counts[(int)reason] += count;

    /// <summary>Adds what another count holds.</summary>
    /// <param name="other">The other count; null for nothing.</param>
    public void Add(LeftOutCounts? other)
    {
        if (other is not null)
        {
            foreach ((var reason, var count) in other)
            {
                Add(reason, count);
            }
        }
    }

    /// <summary>The reasons that occurred, in the order of the enumeration.</summary>
    /// <returns>Reason and count.</returns>
    public IEnumerator<KeyValuePair<LeftOutReason, int>> GetEnumerator()
    {
        for (var reason = 0; reason < _counts.Length; reason++)
        {
            if (_counts[reason] > 0)
            {
                yield return new((LeftOutReason)reason, _counts[reason]);
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Reasons and counts, such as <c>Benign 2, PrivateAddress 1</c>.</summary>
    /// <returns>The text; empty when nothing was left out.</returns>
    public override string ToString() => string.Join(", ", this.Select(pair => $"{pair.Key} {pair.Value}"));
}
