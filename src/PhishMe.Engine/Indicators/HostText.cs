using System.Text;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Indicators;

/// <summary>The host of a URL in the one form used for look-ups, read as browsers read it (URL standard, host parsing).</summary>
internal static class HostText
{
    /// <summary>Normalises a host: percent-decoded, mapped, composed, in A-labels; addresses in any spelling as addresses.</summary>
    /// <param name="host">The host without user and port; IPv6 in brackets.</param>
    /// <param name="kind">Domain, IPv4 or IPv6.</param>
    /// <returns>The host; null when it is no address and no name of at least two labels.</returns>
    public static string? Normalize(ReadOnlySpan<char> host, out IndicatorKind kind)
    {
        if (host.StartsWith("[", StringComparison.Ordinal))
        {
            var text = host.ToString();
            if (AddressText.IPv6(text) is { } six)
            {
                kind = IndicatorKind.IPv6;
                return six;
            }

            kind = IndicatorKind.IPv4;
            return AddressText.IPv4(text);
        }

        var decoded = Decode(host);
        if (!Ascii.IsValid(decoded))
        {
            // Full-width digits are digits, other full stops are full stops.
            decoded = HostCharacters.Map(decoded) ?? string.Empty;
        }

        var labels = decoded.AsSpan().TrimEnd('.');
        if (AddressText.IsNumber(labels[(labels.LastIndexOf('.') + 1)..]))
        {
            kind = IndicatorKind.IPv4;
            return AddressText.IPv4Host(labels);
        }

        kind = IndicatorKind.Domain;
        return DomainName.Normalize(decoded);
    }

    /// <summary>Undoes percent-encoding; what is no UTF-8 then has replacement characters, which no host has.</summary>
    public static string Decode(ReadOnlySpan<char> text)
    {
        var written = text.ToString();
        return written.Contains('%', StringComparison.Ordinal) ? PercentText.Decode(written) : written;
    }
}
