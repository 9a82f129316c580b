using System.Globalization;
using System.Text;

namespace PhishMe.Engine.Indicators;

/// <summary>
/// What browsers make of the characters of a host name: mapped as in UTS 46 (nontransitional) and composed (NFC). The table is derived from the
/// Unicode Character Database and ships with us, so that the answer is the same on every system, with and without ICU. The test
/// <c>HostCharacterTableTests</c> makes the table and says how.
/// </summary>
internal sealed class HostCharacters
{
    /// <summary>A run of the table: its characters are dropped, refused, moved by an offset, or (a single one) replaced by a text.</summary>
    private const int Dropped = 0, Refused = 1, Moved = 2;

    private const int HangulBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TrailBase = 0x11A7;
    private const int Leads = 19, Vowels = 21, Trails = 28, Syllables = Leads * Vowels * Trails;
    private const int Joiner = 0x200D, NonJoiner = 0x200C, Virama = 9;

    private static readonly Lazy<HostCharacters> _table = new(Load);

    private readonly int[] _first;
    private readonly int[] _last;
    private readonly byte[] _kinds;
    private readonly int[] _offsets;
    private readonly Dictionary<int, string> _texts = [];
    private readonly Dictionary<int, (int First, int Second)> _decompositions = [];
    private readonly Dictionary<(int First, int Second), int> _compositions = [];
    private readonly Dictionary<int, byte> _classes = [];

    private HostCharacters(BinaryReader table)
    {
        UnicodeVersion = table.ReadString();
        var runs = table.Read7BitEncodedInt();
        _first = new int[runs];
        _last = new int[runs];
        _kinds = new byte[runs];
        _offsets = new int[runs];
        var next = 0;
        for (var i = 0; i < runs; i++)
        {
            _first[i] = next + table.Read7BitEncodedInt();
            var length = table.Read7BitEncodedInt();
            _last[i] = _first[i] + (length >> 2);
            _kinds[i] = (byte)(length & 3);
            next = _last[i] + 1;
            if (_kinds[i] == Moved)
            {
                // Small numbers of either sign: 0, -1, 1, -2, …
                var written = table.Read7BitEncodedInt();
                _offsets[i] = (written & 1) == 0 ? written >> 1 : -((written >> 1) + 1);
            }
            else if (_kinds[i] > Moved)
            {
                _texts.Add(_first[i], table.ReadString());
            }
        }

        ReadDecompositions(table);
        ReadClasses(table);
    }

    /// <summary>The version of Unicode the table was made from.</summary>
    public static string Version => _table.Value.UnicodeVersion;

    private string UnicodeVersion { get; }

    /// <summary>Maps and composes a name.</summary>
    /// <param name="name">The name, any number of labels.</param>
    /// <returns>The name as it is asked for before it is written in A-labels; null when it has characters that no host name can have.</returns>
    public static string? Map(ReadOnlySpan<char> name) => _table.Value.MapName(name);

    private static HostCharacters Load()
    {
        using var stream = typeof(HostCharacters).Assembly.GetManifestResourceStream("PhishMe.Engine.HostCharacters.bin")
            ?? throw new InvalidOperationException("The table of host characters is a part of this assembly.");
        using var reader = new BinaryReader(stream, Encoding.UTF8);
        return new HostCharacters(reader);
    }

    private void ReadDecompositions(BinaryReader table)
    {
        var code = 0;
        for (var left = table.Read7BitEncodedInt(); left > 0; left--)
        {
            var step = table.Read7BitEncodedInt();
            code += step >> 1;
            Rune[] parts = [.. table.ReadString().EnumerateRunes()];
            var pair = (parts[0].Value, parts.Length > 1 ? parts[1].Value : -1);
            _decompositions.Add(code, pair);
            if ((step & 1) != 0)
            {
                _compositions.Add(pair, code);
            }
        }
    }

    private void ReadClasses(BinaryReader table)
    {
        var next = 0;
        for (var left = table.Read7BitEncodedInt(); left > 0; left--)
        {
            var first = next + table.Read7BitEncodedInt();
            next = first + table.Read7BitEncodedInt() + 1;
            var combining = (byte)table.Read7BitEncodedInt();
            for (var code = first; code < next; code++)
            {
                _classes.Add(code, combining);
            }
        }
    }

    private string? MapName(ReadOnlySpan<char> name)
    {
        var codes = new List<int>(name.Length);
        foreach (var rune in name.EnumerateRunes())
        {
            if (!Map(rune.Value, codes))
            {
                return null;
            }
        }

        Compose(codes);
        var text = new StringBuilder(codes.Count);
        var before = 0;
        foreach (var code in codes)
        {
            var rune = new Rune(code);
            var isJoiner = code is Joiner or NonJoiner;
            if (rune == Rune.ReplacementChar
                || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator
                || (isJoiner && !MayJoin(code, before)))
            {
                return null;
            }

            text.Append(rune.ToString());
            before = code;
        }

        return text.ToString();
    }

    /// <summary>Joiners mean something after a virama, the non-joiner also within scripts whose letters join (RFC 5892, A.1 and A.2); elsewhere browsers refuse them.</summary>
    private bool MayJoin(int code, int before) => Class(before) == Virama || (code == NonJoiner && before is >= 0x600 and < 0x8A0);

    private bool Map(int code, List<int> target)
    {
        var run = Array.BinarySearch(_first, code);
        run = run < 0 ? ~run - 1 : run;
        if (run < 0 || code > _last[run])
        {
            target.Add(code);
            return true;
        }

        switch (_kinds[run])
        {
            case Dropped:
                return true;
            case Refused:
                return false;
            case Moved:
                target.Add(code + _offsets[run]);
                return true;
            default:
                foreach (var rune in _texts[code].EnumerateRunes())
                {
                    target.Add(rune.Value);
                }

                return true;
        }
    }

    // Unicode 3.11: decompose, put combining marks in order, compose.
    private void Compose(List<int> codes)
    {
        var parts = new List<int>(codes.Count * 2);
        foreach (var code in codes)
        {
            Decompose(code, parts);
        }

        Order(parts);
        codes.Clear();
        var starter = -1;
        var lastClass = 0;
        foreach (var code in parts)
        {
            var combining = Class(code);
            var isBlocked = starter >= 0 && starter < codes.Count - 1 && lastClass >= combining;
            if (starter >= 0 && !isBlocked && Pair(codes[starter], code) is int composed)
            {
                codes[starter] = composed;
                continue;
            }

            if (combining == 0)
            {
                starter = codes.Count;
            }

            lastClass = combining;
            codes.Add(code);
        }
    }

    private void Decompose(int code, List<int> target)
    {
        if (code is >= HangulBase and < HangulBase + Syllables)
        {
            var syllable = code - HangulBase;
            target.Add(LeadBase + (syllable / (Vowels * Trails)));
            target.Add(VowelBase + (syllable % (Vowels * Trails) / Trails));
            if (syllable % Trails > 0)
            {
                target.Add(TrailBase + (syllable % Trails));
            }
        }
        else if (_decompositions.TryGetValue(code, out var pair))
        {
            Decompose(pair.First, target);
            if (pair.Second >= 0)
            {
                Decompose(pair.Second, target);
            }
        }
        else
        {
            target.Add(code);
        }
    }

    private void Order(List<int> codes)
    {
        for (var i = 1; i < codes.Count; i++)
        {
            var combining = Class(codes[i]);
            for (var j = i; combining > 0 && j > 0 && Class(codes[j - 1]) > combining; j--)
            {
                (codes[j - 1], codes[j]) = (codes[j], codes[j - 1]);
            }
        }
    }

    private int? Pair(int first, int second)
    {
        if (first is >= LeadBase and < LeadBase + Leads && second is >= VowelBase and < VowelBase + Vowels)
        {
            return HangulBase + ((((first - LeadBase) * Vowels) + second - VowelBase) * Trails);
        }

        if (first is >= HangulBase and < HangulBase + Syllables && (first - HangulBase) % Trails == 0 && second is > TrailBase and < TrailBase + Trails)
        {
            return first + second - TrailBase;
        }

        return _compositions.TryGetValue((first, second), out var composed) ? composed : null;
    }

    private int Class(int code) => _classes.GetValueOrDefault(code);
}
