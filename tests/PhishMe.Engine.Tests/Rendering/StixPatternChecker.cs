using System.Text;

namespace PhishMe.Engine.Tests.Rendering;

/// <summary>
/// Recognises the patterns of one comparison of STIXPattern.g4 - <c>[objectPath (= | LIKE) StringLiteral]</c> - and gives back the parts.
/// Written from the grammar, not from the renderer.
/// </summary>
internal sealed class StixPatternChecker
{
    private readonly string _text;
    private int _at;

    private StixPatternChecker(string text)
    {
        _text = text;
    }

    public static (string Path, string Operator, string Value) Parse(string pattern)
    {
        var checker = new StixPatternChecker(pattern);
        checker.Expect('[');
        var path = checker.ObjectPath();
        var comparison = checker.Operator();
        var value = checker.StringLiteral();
        checker.Expect(']');
        checker.Blanks();
        return checker._at == pattern.Length ? (path, comparison, value) : throw checker.Fault("more text");
    }

    // objectType COLON firstPathComponent ('.' (IdentifierWithoutHyphen | StringLiteral))*
    private string ObjectPath()
    {
        var path = Identifier(hyphens: true);
        Expect(':');
        path += ":" + Component();
        while (Peek() == '.')
        {
            _at++;
            path += "." + Component();
        }

        return path;
    }

    private string Component() => Peek() == '\'' ? StringLiteral() : Identifier(hyphens: false);

    private string Identifier(bool hyphens)
    {
        Blanks();
        var start = _at;
        while (_at < _text.Length
            && (char.IsAsciiLetter(_text[_at]) || _text[_at] == '_' || (_at > start && (char.IsAsciiDigit(_text[_at]) || (hyphens && _text[_at] == '-')))))
        {
            _at++;
        }

        return _at > start ? _text[start.._at] : throw Fault("no identifier");
    }

    private string Operator()
    {
        if (Peek() == '=')
        {
            _at++;
            return "=";
        }

        var word = Identifier(hyphens: false);
        return word == "LIKE" ? word : throw Fault("no operator");
    }

    // QUOTE ( ~['\\] | '\\\'' | '\\\\' )* QUOTE
    private string StringLiteral()
    {
        Expect('\'');
        var value = new StringBuilder();
        for (; _at < _text.Length; _at++)
        {
            var c = _text[_at];
            if (c == '\'')
            {
                _at++;
                return value.ToString();
            }

            if (c == '\\')
            {
                c = ++_at < _text.Length ? _text[_at] : throw Fault("open escape");
                if (c is not ('\'' or '\\'))
                {
                    throw Fault("unknown escape");
                }
            }

            value.Append(c);
        }

        throw Fault("open string");
    }

    private void Expect(char c)
    {
        if (Peek() != c)
        {
            throw Fault($"no {c}");
        }

        _at++;
    }

    private char Peek()
    {
        Blanks();
        return _at < _text.Length ? _text[_at] : '\0';
    }

    private void Blanks()
    {
        while (_at < _text.Length && _text[_at] is ' ' or '\t' or '\r' or '\n')
        {
            _at++;
        }
    }

    private FormatException Fault(string what) => new($"{what} at {_at} of {_text}");
}
