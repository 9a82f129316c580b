using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Json;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Serving.Taxii;

/// <summary>Renders what is served. The same stored threat in the same place always gives the same bytes.</summary>
internal sealed class TaxiiRenderer(TaxiiOptions options)
{
    /// <summary>A place in which nothing is served, for looking at what a threat has.</summary>
    private static readonly DateTimeOffset _anywhere = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly JsonWriterOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly StixBundleOptions _stix = options.Stix;
    private readonly StixBundleRenderer _renderer = new(options.Stix);

    /// <summary>Used again: each threat would make a new one, which grows to its size by doubling.</summary>
    private readonly ConcurrentBag<ArrayBufferWriter<byte>> _free = [];

    /// <summary>What a threat has become.</summary>
    /// <param name="stored">The stored threat.</param>
    /// <returns>Null when it cannot be read.</returns>
    public ServedVersion? Look(ServedDocument stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        if (Read(stored, _anywhere) is not Threat threat)
        {
            return null;
        }

        var (parts, families, _) = Write(threat, _anywhere, _anywhere, isKept: false);
        var collections = CollectionsOf(threat, parts);
        return new ServedVersion
        {
            Key = stored.Key,
            ValidUntil = (threat.LastPublished!.Value + options.Validity).ToUnixTimeMilliseconds(),
            Objects = [.. parts.Select(part => (ObjectKey.Of(part.Id)!.Value, part.Indicator is null ? collections : TaxiiCollections.Of(part.Indicator)))],
            Families = families,
            Collections = collections,
        };
    }

    /// <summary>The objects of a threat in their order.</summary>
    /// <param name="place">Its place.</param>
    /// <param name="stored">The stored threat.</param>
    /// <param name="kept">Objects that are in more collections than they belong to.</param>
    public IReadOnlyList<ServedObject> Render(ServedThreat place, ServedDocument stored, IReadOnlyDictionary<long, int> kept)
    {
        ArgumentNullException.ThrowIfNull(place);
        ArgumentNullException.ThrowIfNull(stored);
        ArgumentNullException.ThrowIfNull(kept);
        var first = DateTimeOffset.FromUnixTimeMilliseconds(place.Added);
        if (Read(stored, first) is not Threat threat)
        {
            return [];
        }

        var (parts, _, json) = Write(threat, first, DateTimeOffset.FromUnixTimeMilliseconds(place.ValidUntil), isKept: true);
        var objects = new List<ServedObject>(parts.Count);

        // A place is as long as it was made. A program that renders more makes all places anew.
        for (var i = 0; i < Math.Min(parts.Count, place.Length); i++)
        {
            // The last one ends before the bracket, the others before a comma.
            var end = i + 1 < parts.Count ? (int)parts[i + 1].Start - 1 : json.Length - 1;
            var collections = parts[i].Indicator is Indicator indicator ? TaxiiCollections.Of(indicator) : place.Collections;
            objects.Add(new ServedObject
            {
                Id = parts[i].Id,
                Added = place.Added + i,
                Version = Utf8Writing.TimeText(first.AddMilliseconds(i)),
                Collections = collections | kept.GetValueOrDefault(ObjectKey.Of(parts[i].Id)!.Value),
                Json = json[(int)parts[i].Start..end],
            });
        }

        return objects;
    }

    /// <summary>A family in its place.</summary>
    public ServedObject Render(ServedFamily family)
    {
        var version = Utf8Writing.TimeText(DateTimeOffset.FromUnixTimeMilliseconds(family.Added));
        return new ServedObject
        {
            Id = StixSharedWriter.FamilyId(family.Name),
            Added = family.Added,
            Version = version,
            Collections = family.Collections,
            Json = Write(json => new StixSharedWriter(_stix, json).WriteFamily(family.Name, version)),
        };
    }

    /// <summary>The author and the marking, before all others.</summary>
    /// <param name="origin">Date added of the first object of all.</param>
    public IReadOnlyList<ServedObject> RenderShared(long origin)
    {
        var version = Utf8Writing.TimeText(DateTimeOffset.FromUnixTimeMilliseconds(origin - 1));
        var identity = new ServedObject
        {
            Id = StixSharedWriter.IdentityId(_stix),
            Added = origin - 1,
            Version = version,
            Collections = -1,
            Json = Write(json => new StixSharedWriter(_stix, json).WriteIdentity(version)),
        };
        return StixMarking.Of(options.Marking) is StixMarking marking
            ?
            [
                new ServedObject
                {
                    Id = marking.Id,
                    Added = origin - 2,
                    Version = marking.Created,
                    Collections = -1,
                    Json = Write(marking.Write),
                },
                identity,
            ]
            : [identity];
    }

    private ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> write, bool isKept = true)
    {
        var output = _free.TryTake(out var free) ? free : new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, _json))
        {
            write(json);
        }

        var written = isKept ? output.WrittenSpan.ToArray() : [];
        output.ResetWrittenCount();
        _free.Add(output);
        return written;
    }

    private (IReadOnlyList<StixServedPart> Parts, IReadOnlyCollection<string> Families, ReadOnlyMemory<byte> Json) Write(
        Threat threat, DateTimeOffset first, DateTimeOffset validUntil, bool isKept)
    {
        var serving = new StixServing(first, validUntil);
        var bytes = Write(
            json =>
            {
                json.WriteStartArray();
                _renderer.WriteObjects(threat, json, serving);
                json.WriteEndArray();
            },
            isKept);
        return (serving.Parts, serving.Families, bytes);
    }

    private static int CollectionsOf(Threat threat, IReadOnlyList<StixServedPart> parts)
    {
        var collections = TaxiiCollections.Of(threat.Id);
        foreach (var part in parts)
        {
            collections |= part.Indicator is Indicator indicator ? TaxiiCollections.Of(indicator) : 0;
        }

        return collections;
    }

    /// <summary>
    /// The threat with dates that readers can rely on: none is missing, none is ahead of the time at which it was received, and it is older than its first object.
    /// </summary>
    private static Threat? Read(ServedDocument stored, DateTimeOffset first)
    {
        if (stored.Json is null || ReadThreat.Of(stored.Json).Threat is not Threat threat)
        {
            return null;
        }

        var received = stored.ReceivedAt ?? stored.StoredAt;
        var last = Earlier(threat.LastPublished ?? threat.FirstPublished ?? received, stored.StoredAt);
        return threat with
        {
            Withdrawn = stored.WithdrawnAt is not null,
            FirstPublished = Earlier(threat.FirstPublished ?? first, first.AddMilliseconds(-1)),
            LastPublished = last,
            ReceivedAt = null,
            RemovedIndicators = stored.WithdrawnAt is null ? stored.Removed : [],
        };
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
