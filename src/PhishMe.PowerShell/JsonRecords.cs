using System.Text;

namespace PhishMe.PowerShell;

/// <summary>
/// Puts the lines of a pipeline together to whole JSON values: a line that is one stays as it is, a value over many lines (pretty-printed, from Get-Content
/// without -Raw) is gathered until its brackets are closed.
/// </summary>
internal sealed class JsonRecords
{
    private readonly StringBuilder _gathered = new();
    private int _depth;
    private bool _inString;
    private bool _escaped;

    /// <summary>Whether a value was begun and not ended.</summary>
    public bool IsInside => _gathered.Length > 0;

    /// <summary>The first line of the value that was begun.</summary>
    public string FirstLine { get; private set; } = string.Empty;

    /// <summary>Adds a line.</summary>
    /// <param name="text">The line.</param>
    /// <param name="record">A whole value, or a text that does not begin one.</param>
    /// <returns>Whether there is a record.</returns>
    public bool Add(string text, out string record)
    {
        record = string.Empty;
        if (!IsInside)
        {
            text = text.TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
            if (text is not ['{' or '[', ..])
            {
                record = text;
                return true;
            }

            FirstLine = text;
        }

        _gathered.Append(text).Append('\n');
        Scan(text);
        if (_depth > 0)
        {
            return false;
        }

        record = _gathered.ToString();
        Clear();
        return true;
    }

    /// <summary>Gives up what was begun.</summary>
    public void Clear()
    {
        _gathered.Clear();
        _depth = 0;
        _inString = false;
        _escaped = false;
    }

    private void Scan(string text)
    {
        foreach (var c in text)
        {
            if (_escaped)
            {
                _escaped = false;
            }
            else if (c == '\\')
            {
                _escaped = _inString;
            }
            else if (c == '"')
            {
                _inString = !_inString;
            }
            else if (!_inString)
            {
                _depth += c is '{' or '[' ? 1 : c is '}' or ']' ? -1 : 0;
            }
        }

        // A line break within a string is no JSON: the next line does not belong to the string.
        _inString = false;
        _escaped = false;
    }
}
