using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace PhishMe.Engine.Serving.Taxii;

/// <summary>
/// Where a reader goes on, as <c>next</c> says it. It carries the whole request: some readers send it without their parameters, others with ones that they have
/// already changed. It stays good after a restart and while objects are added.
/// </summary>
internal sealed record TaxiiPlace
{
    private const byte Version = 1;

    private const int ChecksumLength = 6;

    /// <summary>More is not believed.</summary>
    private const int MostValues = 1000;

    /// <summary>The number of the collection.</summary>
    public required int Collection { get; init; }

    /// <summary>What was asked for, as the service names it.</summary>
    public required string Resource { get; init; }

    /// <summary>What the pages are of.</summary>
    public required TaxiiFilter Filter { get; init; }

    /// <summary>Objects of a page at most.</summary>
    public required int Limit { get; init; }

    /// <summary>The date added that was read last, epoch milliseconds.</summary>
    public required long After { get; init; }

    /// <summary>As a word without meaning for readers.</summary>
    public string Write()
    {
        using var bytes = new MemoryStream();
        using (var writer = new BinaryWriter(bytes, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Version);
            writer.Write7BitEncodedInt(Collection);
            writer.Write(Resource);
            writer.Write7BitEncodedInt(Limit);
            writer.Write(After);
            writer.Write(Filter.AddedAfter is not null);
            writer.Write(Filter.AddedAfter ?? 0);
            writer.Write(Filter.TakesSpecification);
            Write(writer, Filter.Ids);
            Write(writer, Filter.Types);
            Write(writer, [.. Filter.Versions.Select(version => version.ToString(System.Globalization.CultureInfo.InvariantCulture))]);
        }

        bytes.Write(ChecksumOf(bytes.ToArray()));
        return Base64Url.EncodeToString(bytes.ToArray());
    }

    /// <summary>Reads what <see cref="Write()"/> wrote; null for anything else.</summary>
    public static TaxiiPlace? Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            var all = Base64Url.DecodeFromChars(text);
            if (all.Length <= ChecksumLength || !all.AsSpan(^ChecksumLength..).SequenceEqual(ChecksumOf(all.AsSpan(..^ChecksumLength))))
            {
                return null;
            }

            using var reader = new BinaryReader(new MemoryStream(all, 0, all.Length - ChecksumLength), Encoding.UTF8);
            if (reader.ReadByte() != Version)
            {
                return null;
            }

            var place = new TaxiiPlace
            {
                Collection = reader.Read7BitEncodedInt(),
                Resource = reader.ReadString(),
                Limit = reader.Read7BitEncodedInt(),
                After = reader.ReadInt64(),
                Filter = TaxiiFilter.None,
            };
            var hasTime = reader.ReadBoolean();
            var time = reader.ReadInt64();
            return place with
            {
                Filter = new TaxiiFilter
                {
                    AddedAfter = hasTime ? time : null,
                    TakesSpecification = reader.ReadBoolean(),
                    Ids = ReadValues(reader),
                    Types = ReadValues(reader),
                    Versions = [.. ReadValues(reader).Select(value => long.Parse(value, System.Globalization.CultureInfo.InvariantCulture))],
                },
            };
        }
        catch (Exception exception) when (exception is FormatException or IOException or OverflowException or ArgumentException)
        {
            return null;
        }
    }

    private static byte[] ChecksumOf(ReadOnlySpan<byte> bytes) => SHA256.HashData(bytes)[..ChecksumLength];

    private static void Write(BinaryWriter writer, IReadOnlyList<string> values)
    {
        writer.Write7BitEncodedInt(values.Count);
        foreach (var value in values)
        {
            writer.Write(value);
        }
    }

    private static string[] ReadValues(BinaryReader reader)
    {
        var count = reader.Read7BitEncodedInt();
        if (count is < 0 or > MostValues)
        {
            throw new FormatException("There are too many values.");
        }

        var values = new string[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = reader.ReadString();
        }

        return values;
    }
}
