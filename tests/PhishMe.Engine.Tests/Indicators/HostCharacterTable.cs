using System.Globalization;
using System.Text;

namespace PhishMe.Engine.Tests.Indicators;

/// <summary>
/// Makes <c>src/PhishMe.Engine/Indicators/HostCharacters.bin</c> from the Unicode Character Database. Mapping: UTS 46, section 6, defines it as
/// NFKC_Casefold (property NFKC_CF of <c>DerivedNormalizationProps.txt</c>) with the exceptions below. Composition: the canonical decompositions and
/// combining classes of <c>UnicodeData.txt</c> without the Full_Composition_Exclusion of the first file.
/// </summary>
internal sealed class HostCharacterTable
{
    /// <summary>NFKC_Casefold drops all that is invisible; UTS 46 drops these and refuses the others.</summary>
    private static readonly HashSet<int> _dropped =
    [
        0xAD, 0x34F, 0x180B, 0x180C, 0x180D, 0x180F, 0x200B, 0x2060, 0x2064, 0xFEFF, 0x1BCA0, 0x1BCA1, 0x1BCA2, 0x1BCA3,
        .. Enumerable.Range(0xFE00, 16), .. Enumerable.Range(0xE0100, 240),
    ];

    private readonly SortedDictionary<int, string?> _mapping = [];
    private readonly SortedDictionary<int, (string Parts, bool Composes)> _decompositions = [];
    private readonly SortedDictionary<int, int> _classes = [];
    private readonly string _version;

    public HostCharacterTable(string folder)
    {
        var excluded = new HashSet<int>();
        var properties = File.ReadAllLines(Path.Combine(folder, "DerivedNormalizationProps.txt"));
        _version = properties[0].Split('-')[1].Replace(".txt", string.Empty, StringComparison.Ordinal);
        foreach ((var codes, var property, var value) in properties.Select(Fields).OfType<(IEnumerable<int>, string, string)>())
        {
            foreach (var code in codes)
            {
                switch (property)
                {
                    case "NFKC_CF":
                        Map(code, Text(value));
                        break;
                    case "Full_Composition_Exclusion":
                        excluded.Add(code);
                        break;
                }
            }
        }

        // Nontransitional, as browsers: sharp s, final sigma and the joiners stay. Two full stops that case folding does not know.
        _ = new[] { 0xDF, 0x3C2, 0x200C, 0x200D }.All(_mapping.Remove);
        _mapping[0x1E9E] = "\u00DF";
        _mapping[0x3002] = _mapping[0xFF61] = ".";
        foreach (var fields in File.ReadLines(Path.Combine(folder, "UnicodeData.txt")).Select(line => line.Split(';')))
        {
            var code = Code(fields[0]);
            if (fields[3] != "0")
            {
                _classes.Add(code, int.Parse(fields[3], CultureInfo.InvariantCulture));
            }

            if (fields[5].Length > 0 && fields[5][0] != '<')
            {
                var parts = Text(fields[5]);
                _decompositions.Add(code, (parts, parts.EnumerateRunes().Count() == 2 && !excluded.Contains(code)));
            }
        }
    }

    public byte[] ToBytes()
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        writer.Write(_version);
        WriteMapping(writer);
        WriteDecompositions(writer);
        WriteClasses(writer);
        writer.Flush();
        return bytes.ToArray();
    }

    private static (IEnumerable<int> Codes, string Property, string Value)? Fields(string line)
    {
        string[] fields = [.. line.Split('#')[0].Split(';').Select(field => field.Trim())];
        if (fields.Length < 2)
        {
            return null;
        }

        var range = fields[0].Split("..");
        return (Enumerable.Range(Code(range[0]), Code(range[^1]) - Code(range[0]) + 1), fields[1], fields.Length > 2 ? fields[2] : string.Empty);
    }

    private static int Code(string hex) => int.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static string Text(string codes) =>
        string.Concat(codes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(code => new Rune(Code(code)).ToString()));

    // A name must not get labels by a mapping: what contains a full stop is refused, but for the full stop of full width.
    private void Map(int code, string text) => _mapping[code] = text switch
    {
        "" => _dropped.Contains(code) ? string.Empty : null,
        _ when text.Contains('.', StringComparison.Ordinal) && code != 0xFF0E => null,
        _ => text,
    };

    private void WriteMapping(BinaryWriter writer)
    {
        var runs = new List<(int First, int Last, int Kind, int Offset, string Text)>();
        foreach ((var code, var text) in _mapping)
        {
            Rune[] runes = [.. (text ?? string.Empty).EnumerateRunes()];
            var kind = text is null ? 1 : runes.Length switch { 0 => 0, 1 => 2, _ => 3 };
            var offset = kind == 2 ? runes[0].Value - code : 0;
            if (kind < 3 && runs.Count > 0 && runs[^1] is var last && last.Last + 1 == code && last.Kind == kind && last.Offset == offset)
            {
                runs[^1] = last with { Last = code };
            }
            else
            {
                runs.Add((code, code, kind, offset, text ?? string.Empty));
            }
        }

        writer.Write7BitEncodedInt(runs.Count);
        var next = 0;
        foreach (var run in runs)
        {
            writer.Write7BitEncodedInt(run.First - next);
            writer.Write7BitEncodedInt(((run.Last - run.First) << 2) | run.Kind);
            next = run.Last + 1;
            if (run.Kind == 2)
            {
                writer.Write7BitEncodedInt(run.Offset >= 0 ? run.Offset << 1 : (-run.Offset << 1) - 1);
            }
            else if (run.Kind == 3)
            {
                writer.Write(run.Text);
            }
        }
    }

    private void WriteDecompositions(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt(_decompositions.Count);
        var before = 0;
        foreach ((var code, (var parts, var composes)) in _decompositions)
        {
            writer.Write7BitEncodedInt(((code - before) << 1) | (composes ? 1 : 0));
            writer.Write(parts);
            before = code;
        }
    }

    private void WriteClasses(BinaryWriter writer)
    {
        var runs = new List<(int First, int Last, int Class)>();
        foreach ((var code, var combining) in _classes)
        {
            if (runs.Count > 0 && runs[^1] is var last && last.Last + 1 == code && last.Class == combining)
            {
                runs[^1] = last with { Last = code };
            }
            else
            {
                runs.Add((code, code, combining));
            }
        }

        writer.Write7BitEncodedInt(runs.Count);
        var next = 0;
        foreach ((var first, var last, var combining) in runs)
        {
            writer.Write7BitEncodedInt(first - next);
            writer.Write7BitEncodedInt(last - first);
            writer.Write7BitEncodedInt(combining);
            next = last + 1;
        }
    }
}
