using PhishMe.Engine.Storage;

namespace PhishMe.Engine.Serving.Taxii;

/// <summary>
/// What an answer was made of. When the same questions have the same answers in another state of the store, the answer is still the same: the content of a
/// threat follows from its place and its version.
/// </summary>
internal sealed class ReadingNotes
{
    /// <summary>What a note takes in memory beside what it lists.</summary>
    private const int BytesOfNote = 200;

    private const int BytesOfRow = 120;

    private readonly List<Func<IServedReader, long, bool>> _notes = [];

    /// <summary>When the first threat leaves, epoch milliseconds: until then the notes hold as long as the store does not change.</summary>
    public long ValidUntil { get; private set; } = long.MaxValue;

    /// <summary>False when a threat left its place while it was read: then the answer cannot be kept.</summary>
    public bool AreWhole { get; private set; } = true;

    /// <summary>What the notes take in memory, about.</summary>
    public int Bytes { get; private set; }

    /// <summary>Notes a question.</summary>
    /// <param name="holds">Asks it again, at a time in epoch milliseconds, and says whether the answer is the same.</param>
    public void Add(Func<IServedReader, long, bool> holds)
    {
        _notes.Add(holds);
        Bytes += BytesOfNote;
    }

    /// <summary>Notes a question whose answer is a list.</summary>
    /// <param name="holds">Asks it again, at a time in epoch milliseconds, and says whether the answer is the same.</param>
    /// <param name="found">The answer.</param>
    public void Add<T>(Func<IServedReader, long, bool> holds, IReadOnlyList<T> found)
    {
        Add(holds);
        Bytes += found.Count * BytesOfRow;
        foreach (var threat in found.OfType<ServedThreat>())
        {
            ValidUntil = Math.Min(ValidUntil, threat.ValidUntil);
        }
    }

    /// <summary>A threat left its place meanwhile.</summary>
    public void Break() => AreWhole = false;

    /// <summary>Whether everything that was noted is still so.</summary>
    /// <param name="reader">Reads the store as it is now.</param>
    /// <param name="now">Epoch milliseconds.</param>
    public bool Hold(IServedReader reader, long now) => _notes.TrueForAll(note => note(reader, now));
}
