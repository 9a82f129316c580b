using System.Diagnostics;
using System.Text;
using PhishMe.Engine.Lookup;
using PhishMe.Intelligence;

namespace PhishMe.Cli;

/// <summary>Writes matches as lines: many at once when many come, and holds none back while there is nothing else to do.</summary>
/// <param name="output">Where to.</param>
/// <param name="json">Each match as an object.</param>
/// <param name="showsPath">Text names the file before each match: there are several.</param>
internal sealed class MatchWriter(TextWriter output, bool json, bool showsPath)
{
    private const int Longest = 32 * 1024;
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(50);

    private readonly StringBuilder _text = new();
    private long _shown;

    public void Write(IndicatorMatch match)
    {
        _text.Append(json ? StoreJson.Write(match) : showsPath ? $"{VisibleText.Of(match.Path)}:{Text(match)}" : Text(match)).AppendLine();
        if (_text.Length >= Longest || Stopwatch.GetElapsedTime(_shown) > _pause)
        {
            Show();
        }
    }

    /// <summary>Writes what is kept.</summary>
    public void Show()
    {
        if (_text.Length > 0)
        {
            output.Write(_text);
            output.Flush();
            _text.Clear();
        }

        _shown = Stopwatch.GetTimestamp();
    }

    private static string Text(IndicatorMatch match)
    {
        var what = string.Join(", ", new[] { match.Impact?.ToString() ?? "unrated", match.Role, match.Family, match.Label }.OfType<string>());
        return VisibleText.Of(match.Withdrawn ? $"{match}: withdrawn, {what}" : $"{match}: {what}");
    }
}
