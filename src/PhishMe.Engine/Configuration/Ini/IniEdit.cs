namespace PhishMe.Engine.Configuration.Ini;

/// <summary>Changes one value in the text of an ini file.</summary>
internal static class IniEdit
{
    /// <summary>Sets a value; the text around it stays as it is.</summary>
    /// <returns>The changed text; null when that would change other values too, which only happens where the document has
    /// problems.</returns>
    public static string? TrySetValue(IniDocument document, string section, string key, string value)
    {
        var text = SetValue(document, section, key, value);
        var changed = IniDocument.Parse(text);
        var isSafe = changed.FindSection(section)?.Find(key)?.Value == value && Others(document).SequenceEqual(Others(changed));
        return isSafe ? text : null;

        IEnumerable<(string Section, string Key, string Value)> Others(IniDocument all) =>
            from found in all.Defaults is null ? all.Sections : all.Sections.Prepend(all.Defaults)
            from entry in found.Entries
            where found.Name != section || !entry.Key.Equals(key, StringComparison.OrdinalIgnoreCase)
            select (found.Name, entry.Key, entry.Value);
    }

    private static string SetValue(IniDocument document, string section, string key, string value)
    {
        if (document.FindSection(section) is not { } found)
        {
            return AppendSection(document.Text, section, key, value);
        }

        return found.Find(key) is { } entry ? ReplaceValue(document.Text, entry, value) : AddKey(document.Text, found, key, value);
    }

    private static string ReplaceValue(string text, IniEntry entry, string value)
    {
        // From the end to the start, so that the places before stay valid.
        foreach (var line in entry.ContinuationLines.Reverse())
        {
            text = text.Remove(line.Start.Value, line.End.Value - line.Start.Value);
        }

        var (start, end) = (entry.FirstLineValue.Start.Value, entry.FirstLineValue.End.Value);
        return string.Concat(text.AsSpan(0, start), value, text.AsSpan(end));
    }

    /// <summary>After the last key, or the header, with its indentation: deeper it would continue that value, less deep it would take what
    /// follows as its own.</summary>
    private static string AddKey(string text, IniSection section, string key, string value)
    {
        var last = section.Entries.Count == 0 ? null : section.Entries[^1];
        var place = last?.End ?? section.HeaderEnd;
        var line = $"{new string(' ', last?.Indentation ?? section.Indentation)}{key} = {value}";
        var lineEnd = LineEndOf(text);
        var isAfterLineEnd = text[place - 1] is '\n' or '\r';
        return text.Insert(place, isAfterLineEnd ? line + lineEnd : lineEnd + line);
    }

    private static string AppendSection(string text, string section, string key, string value)
    {
        var lineEnd = LineEndOf(text);
        var separator = text.Length == 0 ? string.Empty : text[^1] is '\n' or '\r' ? lineEnd : lineEnd + lineEnd;
        return $"{text}{separator}[{section}]{lineEnd}{key} = {value}{lineEnd}";
    }

    /// <summary>The line end the text uses first.</summary>
    private static string LineEndOf(string text)
    {
        var first = text.AsSpan().IndexOfAny('\r', '\n');
        if (first < 0)
        {
            return Environment.NewLine;
        }

        return text[first] == '\n' ? "\n" : text.AsSpan(first).StartsWith("\r\n") ? "\r\n" : "\r";
    }
}
