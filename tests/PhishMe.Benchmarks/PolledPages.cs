using System.Collections.Concurrent;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;

namespace PhishMe.Benchmarks;

/// <summary>What clients of a TAXII server got, and whether each page holds what it has to. Compressed bodies are looked at afterwards, each once.</summary>
internal sealed class PolledPages
{
    /// <summary>Objects of a page that is cut by its limit.</summary>
    public const int Full = 1000;

    private readonly ConcurrentBag<Page> _pages = [];
    private readonly ConcurrentDictionary<string, byte[]> _bodies = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _errors = new();

    /// <summary>The first few errors.</summary>
    public IReadOnlyCollection<string> Errors => _errors;

    public void Fail(string what) => _errors.Enqueue(what);

    /// <summary>Notes a page.</summary>
    /// <param name="time">Milliseconds from the request to the last byte.</param>
    /// <param name="body">The bytes as they came.</param>
    /// <param name="isCompressed">Whether they are compressed.</param>
    /// <param name="isFull">Whether the page says that there are more.</param>
    public void Add(double time, ReadOnlySpan<byte> body, bool isCompressed, bool isFull)
    {
        // Every object of STIX 2.1 has this property once, and a text cannot contain it: its quotes would be escaped.
        var key = isCompressed ? Convert.ToHexString(SHA256.HashData(body)) : string.Empty;
        var count = isCompressed ? 0 : body.Count("\"spec_version\":\"2.1\""u8);
        if (isCompressed && !_bodies.ContainsKey(key))
        {
            _bodies[key] = body.ToArray();
        }

        _pages.Add(new Page(time, key, count, isFull, body.Length));
    }

    /// <summary>Counts the objects of each page, and sums up.</summary>
    public PollResult Sum(TimeSpan length)
    {
        Parallel.ForEach(_bodies, body => _counts[body.Key] = Count(body.Value));
        var times = new List<double>();
        long objects = 0, bytes = 0;
        var others = 0;
        foreach (var page in _pages)
        {
            var count = page.Key.Length == 0 ? page.Count : _counts[page.Key];
            objects += count;
            bytes += page.Length;
            if (page.IsFull)
            {
                times.Add(page.Time);
                if (count != Full)
                {
                    Fail(FormattableString.Invariant($"a page that is followed by another holds {count} objects"));
                }
            }
            else
            {
                others++;
            }
        }

        times.Sort();
        return new PollResult(times, others, objects, bytes, _bodies.Count, _errors.Count, length);
    }

    private static int Count(byte[] packed)
    {
        using var stream = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        stream.CopyTo(plain);
        var reader = new Utf8JsonReader(plain.GetBuffer().AsSpan(0, (int)plain.Length));
        var count = 0;
        while (reader.Read())
        {
            // An envelope is { "more": …, "next": …, "objects": [ … ] }.
            if (reader is { TokenType: JsonTokenType.StartObject, CurrentDepth: 2 })
            {
                count++;
                reader.Skip();
            }
        }

        return count;
    }

    private readonly record struct Page(double Time, string Key, int Count, bool IsFull, int Length);
}
