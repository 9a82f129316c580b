using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using PhishMe.Engine.Indicators;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Lookup;

/// <summary>
/// Looks up every candidate of a text. Logs repeat themselves: what was looked up in vain is remembered by a hash, what was found by its text, both
/// in a fixed amount of memory.
/// </summary>
internal sealed class TextSearch : ICandidateSink
{
    private const int BlockLength = 256 * 1024;
    private const int InVainLength = 1 << 18;
    private const int MostFound = 4096;
    private const int LongestName = 253;
    private const int MostCuts = 4;

    private static readonly SearchValues<char> _cuts = SearchValues.Create(",;')]*");
    private static readonly SearchValues<byte> _nameBytes = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."u8);
    private static readonly SearchValues<byte> _localPartBytes = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+"u8);
    private readonly IndicatorFinder _finder;
    private readonly MatchFilter _filter;
    private readonly ulong _seed = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong))) | 1;
    private readonly ulong[] _inVain = new ulong[InVainLength];
    private readonly Dictionary<string, IndicatorMatch[]> _found = new(StringComparer.Ordinal);
    private readonly List<(IndicatorMatch[] Matches, long Line)> _ready = [];
    private readonly byte[] _block = new byte[BlockLength];
    private Gathering _gathering;
    private long _line = 1;
    private int _counted;
    private int _at;

    public TextSearch(IndicatorFinder finder, MatchFilter filter)
    {
        _finder = finder;
        _filter = filter;
    }

    /// <summary>What a pass over a piece of the text gathers.</summary>
    private enum Gathering
    {
        /// <summary>Nothing: the pass searches.</summary>
        Nothing,
        Keys,
        Rows,
    }

    /// <summary>The number of the line up to which the text was searched, from 1.</summary>
    public long Line => _line;

    /// <summary>The matches with their line numbers.</summary>
    public IEnumerable<IndicatorMatch> Search(PlainText plain, CancellationToken cancellationToken)
    {
        var reader = new Utf8TextReader(plain.Text);
        var kept = 0;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var read = reader.Read(_block.AsSpan(kept));
            var length = kept + read;
            if (_finder.RefreshKeys())
            {
                Array.Clear(_inVain);
                _found.Clear();
            }

            // Of a text that is cut off the last word may be the beginning of another one.
            var end = read > 0 || plain.IsCutOff ? End(length) : length;
            try
            {
                if (_finder.Gathers)
                {
                    Gather(end);
                }

                Scan(end);
            }
            finally
            {
                _finder.EndPiece();
            }

            foreach ((var matches, var line) in _ready)
            {
                foreach (var match in matches)
                {
                    yield return match with { LineNumber = line };
                }
            }

            if (read == 0)
            {
                yield break;
            }

            kept = length - end;
            _block.AsSpan(end, kept).CopyTo(_block);
        }
    }

    void ICandidateSink.At(int offset) => _at = offset;

    void ICandidateSink.Take(CandidateKind kind, ReadOnlySpan<byte> text, ReadOnlySpan<byte> host)
    {
        // Whatever a URL can meet, its host must be known to the index: stored URLs stand there under their hosts. Hosts repeat, URLs do not.
        var hash = Hash(host, (ulong)kind);
        ref var inVain = ref _inVain[hash & (InVainLength - 1)];
        if (inVain == hash)
        {
            return;
        }

        if (!MayFind(kind, host))
        {
            // While keys gather, no answer is known.
            inVain = _gathering == Gathering.Keys ? inVain : hash;
            return;
        }

        var input = Encoding.UTF8.GetString(text);
        if (!_found.TryGetValue(input, out var matches))
        {
            matches = kind == CandidateKind.Url ? FindUrl(input) : Find(input);
            if (_gathering == Gathering.Rows)
            {
                return;
            }

            if (_found.Count >= MostFound && !_finder.Gathers)
            {
                _found.Clear();
            }

            _found.Add(input, matches);
        }

        if (matches.Length > 0 && _gathering == Gathering.Nothing)
        {
            _line += _block.AsSpan(_counted, _at - _counted).Count((byte)'\n');
            _counted = _at;
            _ready.Add((matches, _line));
        }
    }

    /// <summary>Nearly all hosts, addresses and e-mail addresses of a log are in normal form but for their case: their keys need no strings.</summary>
    private bool MayFind(CandidateKind kind, ReadOnlySpan<byte> host)
    {
        if (kind == CandidateKind.Email)
        {
            var at = host.LastIndexOf((byte)'@');
            return IsPlainName(host[(at + 1)..]) && host.Length <= LongestName && !host[..at].ContainsAnyExcept(_localPartBytes)
                ? MayFindName(host[(at + 1)..]) || MayFindText(host)
                : _finder.MayFind(ValueOf(kind, Encoding.UTF8.GetString(host)));
        }

        return IsPlainName(host) ? MayFindName(host)
            : !_finder.HasNetworks && IsPlainAddress(host) ? _finder.MayContain(KeySpace.Value, host) || _finder.MayContain(KeySpace.UrlHost, host)
            : _finder.MayFind(ValueOf(kind, Encoding.UTF8.GetString(host)));
    }

    /// <summary>Four decimal numbers up to 255 without leading zeros.</summary>
    private static bool IsPlainAddress(ReadOnlySpan<byte> host)
    {
        if (host.Length is < 7 or > 15)
        {
            return false;
        }

        int dots = 0, digits = 0, number = 0;
        foreach (var c in host)
        {
            if (c == '.')
            {
                if (digits == 0 || ++dots > 3)
                {
                    return false;
                }

                digits = number = 0;
            }
            else
            {
                if (!char.IsAsciiDigit((char)c) || (digits > 0 && number == 0))
                {
                    return false;
                }

                digits++;
                number = (number * 10) + c - '0';
                if (number > byte.MaxValue)
                {
                    return false;
                }
            }
        }

        return dots == 3 && digits > 0;
    }

    private bool MayFindText(ReadOnlySpan<byte> text)
    {
        Span<byte> lower = stackalloc byte[LongestName];
        Ascii.ToLower(text, lower, out var length);
        return _finder.MayContain(KeySpace.Value, lower[..length]) || _finder.MayContain(KeySpace.Value, text);
    }

    /// <summary>A name that is its own normal form, or is but for its case: nearly every host in a log. The last label tells it from an address, which may end in <c>0x7A</c>.</summary>
    private static bool IsPlainName(ReadOnlySpan<byte> host) =>
        host.Length <= LongestName && !host.ContainsAnyExcept(_nameBytes) && host.LastIndexOf((byte)'.') is var dot and > 0
        && dot + 1 < host.Length && char.IsAsciiLetter((char)host[dot + 1]);

    /// <summary>The keys of <see cref="LookupPlan"/> for a host name, without making strings of them.</summary>
    private bool MayFindName(ReadOnlySpan<byte> host)
    {
        // Room in front for the wildcard.
        Span<byte> wild = stackalloc byte[LongestName + 2];
        wild = wild[..(host.Length + 2)];
        var name = wild[2..];
        Ascii.ToLower(host, name, out _);
        if (_finder.MayContain(KeySpace.UrlHost, name) || _finder.MayContain(KeySpace.Value, name)
            || (!host.SequenceEqual(name) && _finder.MayContain(KeySpace.Value, host)))
        {
            return true;
        }

        for (var at = 2; ;)
        {
            wild[at - 2] = (byte)'*';
            wild[at - 1] = (byte)'.';
            var dot = wild[at..].IndexOf((byte)'.');
            if (dot < 0)
            {
                return false;
            }

            if (_finder.MayContain(KeySpace.Value, wild[(at - 2)..]) || _finder.MayContain(KeySpace.Value, wild[at..]))
            {
                return true;
            }

            at += dot + 1;
        }
    }

    private static LookupValue ValueOf(CandidateKind kind, string host) =>
        LookupValue.Of(kind != CandidateKind.Url ? host : host.Contains(':', StringComparison.Ordinal) ? $"http://[{host}]/" : $"http://{host}/");

    /// <summary>A word may be longer than the block, such as an encoded attachment: then it is cut where a value is likely to end.</summary>
    private int End(int length)
    {
        var end = CandidateScanner.LastBreak(_block.AsSpan(0, length)) + 1;
        if (end == 0 && length == BlockLength)
        {
            end = _block.AsSpan(0, length).LastIndexOfAny(",;&='"u8) + 1;
            end = end == 0 ? length : end;
        }

        return end;
    }

    private void Scan(int end)
    {
        _ready.Clear();
        _counted = 0;
        var sink = this;
        CandidateScanner.Scan(_block.AsSpan(0, end), ref sink);
        _line += _block.AsSpan(_counted, end - _counted).Count((byte)'\n');
    }

    /// <summary>
    /// Asks an index that is not near for everything that this piece of the text needs: which keys it has at all, and where it has some, the indicators of the
    /// look-ups to be made. Each time the piece is gone through as if to search it.
    /// </summary>
    private void Gather(int end)
    {
        // Not in the middle of a piece: what is remembered now is not asked for.
        if (_found.Count >= MostFound)
        {
            _found.Clear();
        }

        var sink = this;
        _finder.BeginKeys();
        _gathering = Gathering.Keys;
        CandidateScanner.Scan(_block.AsSpan(0, end), ref sink);
        if (_finder.AskKeys())
        {
            _gathering = Gathering.Rows;
            CandidateScanner.Scan(_block.AsSpan(0, end), ref sink);
            _finder.AskRows();
        }

        _gathering = Gathering.Nothing;
    }

    private IndicatorMatch[] Find(string input)
    {
        var matches = new List<IndicatorMatch>();
        _finder.Find(input, LookupValue.Of(input), _filter, matches);
        return [.. matches];
    }

    /// <summary>No one can tell whether a comma or a parenthesis ends a URL or belongs to it: both readings are looked up, and the better match counts.</summary>
    private IndicatorMatch[] FindUrl(string input)
    {
        var matches = new List<IndicatorMatch>();
        var authority = input.IndexOf("://", StringComparison.Ordinal) + 3;
        var cut = input.Length;

        // Without a query of its own, an ampersand belongs to the link that carries this one.
        if (input.IndexOf('&', authority) is > 0 and var carried && input.AsSpan(authority, carried - authority).IndexOf('?') < 0)
        {
            _finder.Find(input[..carried], LookupValue.Of(input[..carried]), _filter, matches);
        }

        // A link that is encoded in part: its host ends where an encoded delimiter stands.
        var host = input.AsSpan(authority);
        host = host[..(host.IndexOfAny('/', '?', '#') is var slash and >= 0 ? slash : host.Length)];
        if (host.IndexOf('%') is > 0 and var escaped && PercentText.TryReadEscape(Encoding.UTF8.GetBytes(host[escaped..].ToString()), out var value)
            && value < 0x80 && value != '%' && !char.IsAsciiLetterOrDigit((char)value) && !"-._"u8.Contains(value))
        {
            _finder.Find(input[..(authority + escaped)], LookupValue.Of(input[..(authority + escaped)]), _filter, matches);
        }

        // A link that a mail gateway rewrote ends in two underscores.
        if (input.IndexOf("__;", authority, StringComparison.Ordinal) is > 0 and var marked)
        {
            _finder.Find(input[..marked], LookupValue.Of(input[..marked]), _filter, matches);
        }

        for (var cuts = 0; ; cuts++)
        {
            _finder.Find(input[..cut], LookupValue.Of(input[..cut]), _filter, matches);
            var next = input.AsSpan(authority, cut - authority).LastIndexOfAny(_cuts);
            if (next <= 0 || cuts == MostCuts)
            {
                break;
            }

            cut = authority + next;
        }

        return
        [
            .. matches.GroupBy(match => (match.ThreatId, match.Kind, match.MatchedValue, match.Source, match.Role, match.Impact, match.Family))
                .Select(same => same.MinBy(match => match.MatchKind)!)
                .OrderBy(match => match.MatchKind),
        ];
    }

    /// <summary>With a seed of this search, so that no log can be written that hides a value behind the hash of another.</summary>
    private ulong Hash(ReadOnlySpan<byte> text, ulong kind)
    {
        const ulong Multiplier = 0x9E37_79B9_7F4A_7C15;
        var hash = _seed ^ ((kind + 1) * Multiplier) ^ (ulong)text.Length;
        while (text.Length >= sizeof(ulong))
        {
            hash = BitOperations.RotateLeft((hash ^ BinaryPrimitives.ReadUInt64LittleEndian(text)) * Multiplier, 31) + _seed;
            text = text[sizeof(ulong)..];
        }

        ulong rest = 0;
        foreach (var b in text)
        {
            rest = (rest << 8) | b;
        }

        hash = (hash ^ rest) * Multiplier;
        hash ^= hash >> 29;
        hash *= _seed;
        return (hash ^ (hash >> 32)) | 1;
    }
}
