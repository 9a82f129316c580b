using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace PhishMe.Engine.Network;

/// <summary>Says which of the things that can be wrong with a certificate are: wrong host, expired, not yet valid, self-signed, untrusted.</summary>
internal static class CertificateRefusal
{
    /// <summary>The reasons in words, parted by semicolons.</summary>
    /// <param name="expectedName">The name it should carry.</param>
    /// <param name="certificate">The certificate.</param>
    /// <param name="chain">How it was judged.</param>
    /// <param name="errors">What was found.</param>
    /// <param name="authorities">Whose authorities are trusted, for the message.</param>
    /// <returns>The text.</returns>
    public static string Reasons(string expectedName, X509Certificate2 certificate, X509Chain? chain, SslPolicyErrors errors, string authorities)
    {
        var reasons = new List<string>();
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            reasons.Add($"wrong host: the certificate is for {Names(certificate)}, not for {expectedName}");
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) && chain is not null)
        {
            reasons.AddRange(OfChain(certificate, chain, authorities));
        }

        return string.Join("; ", reasons);
    }

    private static string Names(X509Certificate2 certificate)
    {
        var alternatives = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        var names = alternatives is null
            ? []
            : alternatives.EnumerateDnsNames().Concat(alternatives.EnumerateIPAddresses().Select(address => address.ToString())).ToList();
        return names.Count > 0 ? string.Join(", ", names) : certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
    }

    private static IEnumerable<string> OfChain(X509Certificate2 certificate, X509Chain chain, string authorities)
    {
        foreach (var status in chain.ChainStatus.Select(status => status.Status).Where(status => status != X509ChainStatusFlags.NoError).Distinct())
        {
            switch (status)
            {
                case X509ChainStatusFlags.NotTimeValid:
                    yield return Dates(chain);
                    break;
                case X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.PartialChain:
                    yield return certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData)
                        ? $"self-signed: the certificate is not trusted by {authorities}"
                        : $"untrusted: its issuer {certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: true)} is not trusted by {authorities}";
                    break;
                default:
                    yield return status.ToString();
                    break;
            }
        }
    }

    private static string Dates(X509Chain chain)
    {
        foreach (var certificate in chain.ChainElements.Select(element => element.Certificate))
        {
            var now = DateTime.Now;
            if (certificate.NotAfter < now)
            {
                return $"expired: the certificate ended on {Date(certificate.NotAfter)}";
            }

            if (certificate.NotBefore > now)
            {
                return $"not yet valid: the certificate begins on {Date(certificate.NotBefore)}";
            }
        }

        return "outside its dates";

        static string Date(DateTime local) => local.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }
}
