using System.Text;

namespace PhishMe.Simulator;

/// <summary>The CEF of a threat as it has to arrive: what a receiver, a terminal or a splitter of lines would obey is U+FFFD, all other characters are as served.</summary>
public static class DeliveredCef
{
    /// <summary>Puts U+FFFD in place of each control (C0 but tab and line feed, DEL, C1) and of the separators of lines and paragraphs.</summary>
    /// <param name="served">Lines as served.</param>
    public static string Of(string served)
    {
        ArgumentNullException.ThrowIfNull(served);
        var delivered = new StringBuilder(served.Length);
        foreach (var character in served)
        {
            delivered.Append(character is not ('\t' or '\n') && (char.IsControl(character) || character is '\u2028' or '\u2029') ? '\uFFFD' : character);
        }

        return delivered.ToString();
    }
}
