using PhishMe.Engine.Api;

namespace PhishMe.Engine.Sync;

/// <summary>One page of a search as it came: whole, or in pieces of which some cannot be served.</summary>
internal sealed class PageReading : IDisposable
{
    private readonly List<SearchPage> _pieces = [];
    private readonly List<(long Position, ApiException Cause)> _unserved = [];

    /// <summary>In the order of the result.</summary>
    public IReadOnlyList<SearchPage> Pieces => _pieces;

    /// <summary>Places in the result, from zero, and why nothing came.</summary>
    public IReadOnlyList<(long Position, ApiException Cause)> Unserved => _unserved;

    /// <summary>What the newest answer said; null before the first.</summary>
    public long? TotalElements { get; private set; }

    /// <summary>Something left the result while the pieces were read: what moved from one that was still to be read to one that was read is in none.</summary>
    public bool HasShrunk { get; private set; }

    /// <summary>Bytes of all answers.</summary>
    public int Length => _pieces.Sum(piece => piece.Length);

    public void Add(SearchPage piece)
    {
        _pieces.Add(piece);
        Note(piece);
    }

    /// <summary>Takes from an answer only what it says of the result.</summary>
    public void Note(SearchPage answer)
    {
        HasShrunk |= answer.TotalElements < TotalElements;
        TotalElements = answer.TotalElements;
    }

    public void Miss(long position, ApiException cause) => _unserved.Add((position, cause));

    public void Dispose()
    {
        foreach (var piece in _pieces)
        {
            piece.Dispose();
        }
    }
}
