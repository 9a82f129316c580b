using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Serving.Taxii;

/// <summary>The objects of collections, read from the store. Used by any number of requests at once.</summary>
/// <param name="options">How threats are rendered.</param>
internal sealed class TaxiiObjects(TaxiiOptions options)
{
    /// <summary>Threats rendered for a page at most, so that a rare type of object costs no more than any other; the page is then shorter.</summary>
    private const int MostThreats = 400;

    private const int ThreatsAtOnce = 32;

    private readonly TaxiiRenderer _renderer = new(options);

    /// <summary>Readers of several collections, and those who begin at other places, go through the same threats. A version in its place never changes.</summary>
    private readonly RecentlyUsed<ServedThreat, IReadOnlyList<ServedObject>> _rendered = new(8 * 1024 * 1024);

    /// <summary>A page of what a reader wants.</summary>
    /// <param name="reader">Reads the store.</param>
    /// <param name="collection">The collection.</param>
    /// <param name="filter">What is wanted.</param>
    /// <param name="after">The place behind which to begin; null at the beginning.</param>
    /// <param name="limit">Objects at most.</param>
    /// <param name="now">Epoch milliseconds.</param>
    /// <exception cref="PhishMeException">The store cannot be read.</exception>
    public TaxiiPage Read(IServedReader reader, TaxiiCollection collection, TaxiiFilter filter, long? after, int limit, long now)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(collection);
        ArgumentNullException.ThrowIfNull(filter);
        var from = after ?? filter.AddedAfter ?? long.MinValue + 1;
        return filter switch
        {
            { TakesSpecification: false } => new TaxiiPage([], null),
            { Ids.Count: > 0 } => Cut(FindById(reader, collection, filter.Ids, now).Where(filter.Takes), from, limit),
            { Versions.Count: > 0 } => Cut(FindByVersion(reader, collection, filter.Versions, now).Where(filter.Takes), from, limit),
            _ => ReadInOrder(reader, collection, filter, from, limit, now),
        };
    }

    /// <summary>Whether a collection has an object.</summary>
    /// <exception cref="PhishMeException">The store cannot be read.</exception>
    public bool Has(IServedReader reader, TaxiiCollection collection, string id, long now) => FindById(reader, collection, [id], now).Count > 0;

    private static TaxiiPage Cut(IEnumerable<ServedObject> objects, long after, int limit)
    {
        ServedObject[] found = [.. objects.DistinctBy(served => served.Added).Where(served => served.Added > after).OrderBy(served => served.Added).Take(limit + 1)];
        return found.Length > limit ? new TaxiiPage(found[..limit], found[limit - 1].Added) : new TaxiiPage(found, null);
    }

    private TaxiiPage ReadInOrder(IServedReader reader, TaxiiCollection collection, TaxiiFilter filter, long after, int limit, long now)
    {
        var page = new List<ServedObject>();
        foreach (var shared in Shared(reader).Where(served => served.Added > after && filter.Takes(served)))
        {
            if (!TryAdd(shared))
            {
                return Full();
            }
        }

        var hasThreats = filter.Types.Count == 0 || filter.Types.Any(type => type is "indicator" or "relationship" or "report");
        var rendered = 0;
        while (true)
        {
            // Families after the threats: one that is added meanwhile comes with its threat or after this page, never before.
            var threats = hasThreats ? reader.ReadThreats(collection.Number, after, now, ThreatsAtOnce) : [];
            var isEnd = threats.Count < ThreatsAtOnce;
            var until = isEnd ? long.MaxValue : threats[^1].Added + threats[^1].Length - 1;
            var families = new Queue<ServedFamily>(reader.ReadFamilies(collection.Number, after, until, limit + 1));
            foreach (var threat in threats)
            {
                while (families.TryPeek(out var family) && family.Added < threat.Added)
                {
                    if (!TryAddFamily(families.Dequeue()))
                    {
                        return Full();
                    }
                }

                foreach (var served in Render(reader, threat).Where(served => served.Added > after && (served.Collections & collection.Bit) != 0 && filter.Takes(served)))
                {
                    if (!TryAdd(served))
                    {
                        return Full();
                    }
                }

                after = Math.Max(after, threat.Added + threat.Length - 1);
                if (++rendered >= MostThreats && page.Count > 0)
                {
                    return new TaxiiPage(page, after);
                }
            }

            while (families.TryDequeue(out var family))
            {
                if (!TryAddFamily(family))
                {
                    return Full();
                }
            }

            if (isEnd)
            {
                return new TaxiiPage(page, null);
            }
        }

        bool TryAdd(ServedObject served)
        {
            if (page.Count == limit)
            {
                return false;
            }

            page.Add(served);
            return true;
        }

        bool TryAddFamily(ServedFamily family) => _renderer.Render(family) is var served && (!filter.Takes(served) || TryAdd(served));

        TaxiiPage Full() => new(page, page[^1].Added);
    }

    private List<ServedObject> FindById(IServedReader reader, TaxiiCollection collection, IReadOnlyList<string> ids, long now)
    {
        var found = new List<ServedObject>();
        IReadOnlyList<ServedFamily>? families = null;
        foreach (var id in ids)
        {
            if (ObjectKey.Of(id) is not long hash)
            {
                continue;
            }

            if (id.StartsWith("malware--", StringComparison.OrdinalIgnoreCase))
            {
                families ??= reader.AllFamilies();
                Add(families.Select(_renderer.Render), id);
            }
            else
            {
                Add(Shared(reader), id);
                foreach (var threat in reader.FindThreats(hash, now))
                {
                    Add(Render(reader, threat), id);
                }
            }
        }

        return found;

        void Add(IEnumerable<ServedObject> objects, string id) => found.AddRange(
            objects.Where(served => (served.Collections & collection.Bit) != 0 && served.Id.Equals(id, StringComparison.OrdinalIgnoreCase)));
    }

    private List<ServedObject> FindByVersion(IServedReader reader, TaxiiCollection collection, IReadOnlyList<long> versions, long now)
    {
        List<ServedObject> found = [.. Shared(reader)];
        foreach (var version in versions)
        {
            foreach (var threat in reader.ReadThreats(collection.Number, version - 1, now, 1))
            {
                found.AddRange(Render(reader, threat).Where(served => (served.Collections & collection.Bit) != 0));
            }

            found.AddRange(reader.ReadFamilies(collection.Number, version - 1, version, 1).Select(_renderer.Render));
        }

        return found;
    }

    private IReadOnlyList<ServedObject> Shared(IServedReader reader) => reader.Origin is long origin ? _renderer.RenderShared(origin) : [];

    private IReadOnlyList<ServedObject> Render(IServedReader reader, ServedThreat threat)
    {
        if (_rendered.Find(threat) is { } known)
        {
            return known;
        }

        if (reader.ReadDocument(threat) is not var (document, kept))
        {
            return [];
        }

        var objects = _renderer.Render(threat, document, kept);

        // The text of ids and what each object costs by itself is counted, too.
        _rendered.Keep(threat, objects, objects.Sum(served => served.Json.Length + 300L) + 300);
        return objects;
    }
}
