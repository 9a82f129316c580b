namespace PhishMe.Engine.Configuration.Ini;

/// <summary>An ini file in the dialect of Python 3's ConfigParser without interpolation, which the original reads.</summary>
/// <remarks>
/// <para>The rules: section names are case-sensitive, keys are not; the first <c>=</c> or <c>:</c> parts key and value; a line that starts
/// (after blanks) with
/// <c>#</c> or <c>;</c> is a comment, and nothing else is; a line indented deeper than its key continues the value; the keys of
/// <c>[DEFAULT]</c> appear in every section.
/// Where Python refuses a file, this reader goes on and tells the problem.</para>
/// <para>No package is used for this: ini-parser-netstandard knows neither this dialect (continuation lines, <c>:</c>, <c>[DEFAULT]</c>,
/// whole-line comments only) nor
/// the place of a value in the text, and both the findings and the in-place writer need the place.</para>
/// </remarks>
internal sealed class IniDocument
{
    private const string DefaultSection = "DEFAULT";

    private IniDocument(
        string text, IReadOnlyList<IniSection> sections, IniSection? defaults, IReadOnlyList<IniProblem> problems, int lineCount)
    {
        Text = text;
        Sections = sections;
        Defaults = defaults;
        Problems = problems;
        LineCount = lineCount;
    }

    /// <summary>The sections in the order of the file, without <c>[DEFAULT]</c>; repeated ones are joined to the first.</summary>
    public IReadOnlyList<IniSection> Sections { get; }

    /// <summary><c>[DEFAULT]</c>, whose keys appear in every section; null when the file has none.</summary>
    public IniSection? Defaults { get; }

    /// <summary>What is wrong with single lines, in the order of the file.</summary>
    public IReadOnlyList<IniProblem> Problems { get; }

    /// <summary>The text that was read.</summary>
    internal string Text { get; }

    /// <summary>How many lines the text has; at least 1.</summary>
    internal int LineCount { get; }

    /// <summary>Reads a text. Never throws for what it holds.</summary>
    /// <param name="text">The text of the file.</param>
    /// <returns>The document.</returns>
    public static IniDocument Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new Parser(text).Parse();
    }

    /// <summary>Finds a section by its exact name.</summary>
    /// <param name="name">The name without brackets.</param>
    /// <returns>The section, or null.</returns>
    public IniSection? FindSection(string name) => Sections.FirstOrDefault(section => section.Name == name);

    /// <summary>Finds a key in a section that exists, or else in <c>[DEFAULT]</c>.</summary>
    /// <param name="section">Exact name of the section.</param>
    /// <param name="key">The key, in any case.</param>
    /// <returns>The entry, or null.</returns>
    public IniEntry? Find(string section, string key) => FindSection(section) is { } found ? found.Find(key) ?? Defaults?.Find(key) : null;

    private sealed class Parser(string text)
    {
        private readonly OrderedDictionary<string, OpenSection> _sections = new(StringComparer.Ordinal);
        private readonly List<IniProblem> _problems = [];
        private OpenSection? _defaults;
        private OpenSection? _section;
        private OpenEntry? _entry;
        private int _indentation;
        private int _lineNumber;

        public IniDocument Parse()
        {
            var start = 0;
            while (start < text.Length)
            {
                var (content, next) = LineAt(start);
                _lineNumber++;
                ReadLine(content, start, next);
                start = next;
            }

            var endsInsideLine = text.Length == 0 || text[^1] is not ('\n' or '\r');
            return new IniDocument(
                text,
                [.. _sections.Values.Select(section => section.Close())],
                _defaults?.Close(),
                _problems,
                endsInsideLine ? Math.Max(1, _lineNumber) : _lineNumber + 1);
        }

        private (Range Content, int Next) LineAt(int start)
        {
            var length = text.AsSpan(start).IndexOfAny('\r', '\n');
            if (length < 0)
            {
                return (start..text.Length, text.Length);
            }

            var end = start + length;
            var isPair = text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n';
            return (start..end, end + (isPair ? 2 : 1));
        }

        private void ReadLine(Range line, int start, int next)
        {
            var content = Trimmed(line);
            var trimmed = text.AsSpan(content);
            if (trimmed.IsEmpty)
            {
                _entry?.AddBlankLine();
                return;
            }

            if (trimmed[0] is '#' or ';')
            {
                return;
            }

            var indentation = content.Start.Value - start;
            if (_entry is not null && indentation > _indentation)
            {
                if (IsHeader(trimmed, out _))
                {
                    _problems.Add(new IniProblem(IniProblemKind.IndentedSection, _lineNumber, _entry.Line, _section?.Name, _entry.Key));
                }

                _entry.AddContinuation(trimmed.ToString(), start..next, _lineNumber);
                return;
            }

            _indentation = indentation;
            if (IsHeader(trimmed, out var name))
            {
                BeginSection(name, next);
            }
            else if (_section is null)
            {
                _problems.Add(new IniProblem(IniProblemKind.BeforeFirstSection, _lineNumber, null, null, null));
            }
            else
            {
                ReadKey(_section, content, line.End.Value, next);
            }
        }

        private void BeginSection(string name, int next)
        {
            _entry = null;
            if (name == DefaultSection)
            {
                _section = _defaults ??= new OpenSection(name, _lineNumber, _indentation, next);
                return;
            }

            if (_sections.TryGetValue(name, out _section))
            {
                _problems.Add(new IniProblem(IniProblemKind.DuplicateSection, _lineNumber, _section.Line, name, null));
            }
            else
            {
                _sections.Add(name, _section = new OpenSection(name, _lineNumber, _indentation, next));
            }
        }

        private void ReadKey(OpenSection section, Range content, int lineEnd, int next)
        {
            var delimiter = text.AsSpan(content).IndexOfAny('=', ':');
            if (delimiter <= 0)
            {
                // As in Python, an indented line below this one still continues the key before it.
                _problems.Add(new IniProblem(IniProblemKind.NotUnderstood, _lineNumber, null, section.Name, null));
                return;
            }

            var keyStart = content.Start.Value;
            var afterDelimiter = keyStart + delimiter + 1;
#pragma warning disable CA1308 // The original stores keys in lower case.
            var key = text[Trimmed(keyStart..(keyStart + delimiter))].ToLowerInvariant();
#pragma warning restore CA1308
            var value = Trimmed(afterDelimiter..lineEnd);
            _entry = new OpenEntry(key, text[value], _lineNumber, _indentation, value, next);
            if (section.Lines.TryGetValue(key, out var earlierLine))
            {
                _problems.Add(new IniProblem(IniProblemKind.DuplicateKey, _lineNumber, earlierLine, section.Name, key));
            }
            else
            {
                section.Lines.Add(key, _lineNumber);
            }

            section.Entries.Add(_entry);
        }

        /// <summary>The range without blanks around it; of blanks alone, the empty range at their end.</summary>
        private Range Trimmed(Range range)
        {
            var (start, end) = (range.Start.Value, range.End.Value);
            while (start < end && IsBlank(text[start]))
            {
                start++;
            }

            while (end > start && IsBlank(text[end - 1]))
            {
                end--;
            }

            return start..end;
        }

        /// <summary>What Python strips: white space, and the four information separators, which .NET does not count as such.</summary>
        private static bool IsBlank(char character) => char.IsWhiteSpace(character) || character is >= '\u001C' and <= '\u001F';

        /// <summary>As the original matches: from the first bracket to the last one, whatever follows.</summary>
        private static bool IsHeader(ReadOnlySpan<char> line, out string name)
        {
            var close = line.LastIndexOf(']');
            name = line[0] == '[' && close > 1 ? line[1..close].ToString() : string.Empty;
            return name.Length > 0;
        }
    }

    private sealed class OpenSection(string name, int line, int indentation, int headerEnd)
    {
        public string Name => name;

        public int Line => line;

        public List<OpenEntry> Entries { get; } = [];

        public Dictionary<string, int> Lines { get; } = new(StringComparer.Ordinal);

        public IniSection Close() => new()
        {
            Name = name,
            Line = line,
            Indentation = indentation,
            HeaderEnd = headerEnd,
            Entries = [.. Entries.Select(entry => entry.Close())],
        };
    }

    private sealed class OpenEntry(string key, string firstLine, int line, int indentation, Range firstLineValue, int end)
    {
        private readonly List<string> _lines = [firstLine];
        private readonly List<Range> _continuations = [];
        private int? _lastLine;
        private int? _end;

        public string Key => key;

        public int Line => line;

        public void AddBlankLine() => _lines.Add(string.Empty);

        public void AddContinuation(string value, Range wholeLine, int lineNumber)
        {
            _lines.Add(value);
            _continuations.Add(wholeLine);
            _lastLine = lineNumber;
            _end = wholeLine.End.Value;
        }

        public IniEntry Close() => new()
        {
            Key = key,
            Value = string.Join('\n', _lines).TrimEnd(),
            Line = line,
            LastLine = _lastLine ?? line,
            Indentation = indentation,
            FirstLineValue = firstLineValue,
            ContinuationLines = _continuations,
            End = _end ?? end,
        };
    }
}
