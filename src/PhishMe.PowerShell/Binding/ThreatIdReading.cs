using System.Globalization;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Binding;

/// <summary>Reads ids as a person writes them.</summary>
internal static class ThreatIdReading
{
    /// <summary>Reads <c>m_123</c>, <c>p_123</c>, or a number when the product is known.</summary>
    /// <param name="text">The text.</param>
    /// <param name="type">The product of a bare number.</param>
    /// <returns>The id.</returns>
    /// <exception cref="PhishMeException">The text is not an id (<see cref="Faults.ThreatIdInvalid"/>).</exception>
    public static ThreatId Read(string text, ThreatType? type)
    {
        if (ThreatId.TryParse(text, CultureInfo.InvariantCulture, out var id))
        {
            return id;
        }

        return type is ThreatType product && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new ThreatId(product, number)
            : throw new PhishMeException(Faults.ThreatIdInvalid, $"'{text}' is not a threat id.");
    }
}
