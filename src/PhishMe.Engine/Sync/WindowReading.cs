using PhishMe.Engine.Api;
using PhishMe.Engine.Storage;

namespace PhishMe.Engine.Sync;

/// <summary>One CEF window as it came: whole, or in pieces of which some cannot be served.</summary>
internal sealed class WindowReading : IDisposable
{
    private readonly List<ResponseBody> _pieces = [];
    private readonly List<(WindowGap Gap, ApiException Cause)> _unserved = [];

    public IReadOnlyList<ResponseBody> Pieces => _pieces;

    public IReadOnlyList<(WindowGap Gap, ApiException Cause)> Unserved => _unserved;

    public void Add(ResponseBody piece) => _pieces.Add(piece);

    public void Miss(WindowGap gap, ApiException cause) => _unserved.Add((gap, cause));

    public void Dispose()
    {
        foreach (var piece in _pieces)
        {
            piece.Dispose();
        }
    }
}
