using System.Globalization;
using PhishMe.Intelligence;

namespace PhishMe.Server;

/// <summary>What the server has to say: lines on standard error, for the journal of the system. The log file belongs to runs.</summary>
internal sealed class Diary(TextWriter writer, TimeProvider clock)
{
    /// <summary>Writes one line.</summary>
    public void Write(string line) =>
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clock.GetUtcNow().UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'} {VisibleText.Of(line)}"));
}
