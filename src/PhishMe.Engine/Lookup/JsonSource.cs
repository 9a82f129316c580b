using System.Buffers;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Lookup;

/// <summary>The raw JSON a store is rebuilt from: a folder of per-threat files, or an append file with one object per line or one after another.</summary>
internal static class JsonSource
{
    private const int Block = 1 << 20;
    private const int LongestObject = 1 << 29;

    /// <summary>The objects in the order in which they were written; null for what is no threat.</summary>
    /// <exception cref="PhishMeException">The folder or file cannot be read.</exception>
    public static IEnumerable<ThreatDocument?> Read(string path, CancellationToken cancellationToken) =>
        Directory.Exists(path) ? ReadFolder(path, cancellationToken) : ReadFile(path, cancellationToken);

    private static IEnumerable<ThreatDocument?> ReadFolder(string folder, CancellationToken cancellationToken)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, MatchType = MatchType.Simple };
        foreach (var file in Directory.EnumerateFiles(folder, "*.json", options))
        {
            foreach (var threat in ReadFile(file, cancellationToken))
            {
                yield return threat;
            }
        }
    }

    private static IEnumerable<ThreatDocument?> ReadFile(string path, CancellationToken cancellationToken)
    {
        using var file = InputFile.Open(path);
        var buffer = new byte[Block];
        var length = 0;
        var from = 0;
        var splitter = new ObjectSplitter();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (length == buffer.Length)
            {
                if (buffer.Length >= LongestObject)
                {
                    throw new PhishMeException(Faults.InputUnreadable, "An object in the file is too large to be a threat.", path);
                }

                Array.Resize(ref buffer, buffer.Length * 2);
            }

            var read = file.Read(buffer, length, buffer.Length - length);
            length += read;
            while (splitter.TryNext(buffer.AsSpan(0, length), ref from, out var found))
            {
                // Copied: the parsed threat is a slice of these bytes, and the buffer goes on.
                yield return ThreatDocumentReader.Read(buffer[found]);
            }

            if (read == 0)
            {
                if (splitter.IsInside)
                {
                    yield return null;
                }

                yield break;
            }

            var done = splitter.Keep(from);
            buffer.AsSpan(done, length - done).CopyTo(buffer);
            length -= done;
            from -= done;
        }
    }

    /// <summary>Finds where top-level objects begin and end, by braces outside strings; resumes where the bytes ended.</summary>
    private sealed class ObjectSplitter
    {
        private static readonly SearchValues<byte> _structure = SearchValues.Create("{}\""u8);
        private static readonly SearchValues<byte> _string = SearchValues.Create("\"\\"u8);
        private int _depth;
        private int _begin;
        private bool _inString;

        public bool IsInside => _depth > 0;

        public bool TryNext(ReadOnlySpan<byte> text, ref int from, out Range found)
        {
            found = default;
            while (from < text.Length)
            {
                var next = text[from..].IndexOfAny(_inString ? _string : _structure);
                if (next < 0)
                {
                    from = text.Length;
                    return false;
                }

                var at = from + next;
                switch (text[at])
                {
                    case (byte)'\\':
                        if (at + 1 >= text.Length)
                        {
                            from = at;
                            return false;
                        }

                        from = at + 2;
                        continue;
                    case (byte)'"':
                        // A quotation mark outside any object opens nothing.
                        _inString = !_inString && _depth > 0;
                        break;
                    case (byte)'{':
                        _begin = _depth++ == 0 ? at : _begin;
                        break;
                    case (byte)'}' when _depth > 0 && --_depth == 0:
                        from = at + 1;
                        found = _begin..from;
                        return true;
                }

                from = at + 1;
            }

            return false;
        }

        /// <summary>Bytes before this are not needed any more.</summary>
        public int Keep(int from)
        {
            var done = _depth > 0 ? _begin : from;
            _begin -= done;
            return done;
        }
    }
}
