using PhishMe.Simulator.Products;

namespace PhishMe.Torture.Pushing;

/// <summary>A simulated product that outlives the runs that push to it, and whose objects can be counted.</summary>
/// <param name="Id">The id of the destination.</param>
/// <param name="Server">It, over HTTP.</param>
/// <param name="RecognizesRepeats">Whether a thing that is sent twice is there once. Otherwise a kill may repeat the batch in flight.</param>
/// <param name="Section">The lines of its section for an address.</param>
/// <param name="Held">What it holds, one text for each thing; a thing that is there twice stands there twice.</param>
/// <param name="Save">Keeps what it holds, for later: the result brings that back.</param>
internal sealed record PushTarget(
    string Id, ProductServer Server, bool RecognizesRepeats, Func<Uri, string> Section, Func<IEnumerable<string>> Held, Func<Action> Save) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
