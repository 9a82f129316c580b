using System.Globalization;

namespace PhishMe.Engine.Serving.Taxii;

/// <summary>
/// What readers accept (TAXII 2.1, 1.6.8). Many are generic HTTP clients: whatever does not exclude the type of 2.1 is answered in it. What asks for 2.0 alone
/// gets 406, by which some readers switch to 2.1.
/// </summary>
internal static class TaxiiMediaType
{
    /// <summary>The type of every answer.</summary>
    public const string Text = "application/taxii+json;version=2.1";

    /// <summary>The type of the objects.</summary>
    public const string Objects = "application/stix+json;version=2.1";

    /// <summary>Whether an answer in the type of TAXII 2.1 is acceptable.</summary>
    /// <param name="accept">The header; null or empty accepts everything.</param>
    public static bool Accepts(string? accept)
    {
        if (string.IsNullOrWhiteSpace(accept))
        {
            return true;
        }

        // The most exact range decides (RFC 9110, 12.5.1).
        var best = (Precision: 0, IsAccepted: false);
        foreach (var range in accept.Split(','))
        {
            var parts = range.Split(';', StringSplitOptions.TrimEntries);
            var precision = PrecisionOf(parts);
            if (precision > best.Precision || (precision == best.Precision && precision > 0 && !best.IsAccepted))
            {
                best = (precision, WeightOf(parts) > 0);
            }
        }

        return best.IsAccepted;
    }

    private static int PrecisionOf(string[] parts)
    {
        var version = parts.Skip(1).Select(ParameterOf).LastOrDefault(parameter => parameter.Name.Equals("version", StringComparison.OrdinalIgnoreCase)).Value;
        return parts[0].ToLowerInvariant() switch
        {
            "*/*" or "*" => 1,
            "application/*" => 2,

            // Of readers that know JSON only, and of those that ask for the type of the objects.
            "application/json" => 3,
            "application/vnd.oasis.stix+json" or "application/stix+json" => version is null or "2.1" ? 3 : 0,
            "application/taxii+json" => version is null ? 4 : version == "2.1" ? 5 : 0,
            _ => 0,
        };
    }

    private static double WeightOf(string[] parts) =>
        parts.Skip(1).Select(ParameterOf).FirstOrDefault(parameter => parameter.Name.Equals("q", StringComparison.OrdinalIgnoreCase)).Value is string weight
        && double.TryParse(weight, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            ? value
            : 1;

    private static (string Name, string? Value) ParameterOf(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (text, string.Empty) : (text[..equals].TrimEnd(), text[(equals + 1)..].Trim().Trim('"'));
    }
}
