using PhishMe.Engine.Storage;

namespace PhishMe.Engine.Serving.Taxii;

/// <summary>Reads the store, and notes what an answer is made of.</summary>
/// <param name="reader">Reads the store.</param>
/// <param name="notes">Takes the notes.</param>
internal sealed class NotingReader(IServedReader reader, ReadingNotes notes) : IServedReader
{
    public long? Origin
    {
        get
        {
            var origin = reader.Origin;
            notes.Add((again, _) => again.Origin == origin);
            return origin;
        }
    }

    public IReadOnlyList<ServedThreat> ReadThreats(int collection, long after, long now, int most) =>
        Noted(reader.ReadThreats(collection, after, now, most), (again, time) => again.ReadThreats(collection, after, time, most));

    public IReadOnlyList<ServedFamily> ReadFamilies(int collection, long after, long until, int most) =>
        Noted(reader.ReadFamilies(collection, after, until, most), (again, _) => again.ReadFamilies(collection, after, until, most));

    public IReadOnlyList<ServedFamily> AllFamilies() => Noted(reader.AllFamilies(), (again, _) => again.AllFamilies());

    public IReadOnlyList<ServedThreat> FindThreats(long hash, long now) => Noted(reader.FindThreats(hash, now), (again, time) => again.FindThreats(hash, time));

    public (ServedDocument Document, IReadOnlyDictionary<long, int> Kept)? ReadDocument(ServedThreat threat)
    {
        var document = reader.ReadDocument(threat);
        if (document is null)
        {
            notes.Break();
        }

        return document;
    }

    /// <summary>The reader belongs to others.</summary>
    public void Dispose()
    {
    }

    private IReadOnlyList<T> Noted<T>(IReadOnlyList<T> found, Func<IServedReader, long, IReadOnlyList<T>> read)
    {
        notes.Add((again, now) => read(again, now).SequenceEqual(found), found);
        return found;
    }
}
