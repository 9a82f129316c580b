using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Delivery.Syslog;

/// <summary>Whom to trust and what to show in the TLS handshake, and why a certificate was refused.</summary>
internal sealed class SyslogTrust : IDisposable
{
    private readonly SyslogEndpoint _endpoint;
    private readonly X509Certificate2Collection _authorities = [];
    private readonly X509Certificate2Collection _own = [];
    private readonly SslStreamCertificateContext? _shown;

    /// <summary>Reads the files named.</summary>
    /// <param name="endpoint">The collector.</param>
    /// <exception cref="PhishMeException">A file cannot be read or holds no certificate.</exception>
    public SyslogTrust(SyslogEndpoint endpoint)
    {
        _endpoint = endpoint;
        if (endpoint.AuthorityFile is { } authorities)
        {
            Read(authorities, "certificate authorities", () => _authorities.ImportFromPemFile(authorities));
            if (_authorities.Count == 0)
                throw new PhishMeException(Faults.SyslogCertificateRefused, "The file of certificate authorities holds no certificate.", authorities);
        }

        if (endpoint.ClientCertificateFile is { } file) _shown = Read(file, "client certificate", () => Own(file));
    }

    /// <summary>Why the collector's certificate was refused in the last handshake; null when it was not.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Makes the options of one handshake.</summary>
    /// <returns>The options.</returns>
    public SslClientAuthenticationOptions Options()
    {
        Refusal = null;
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = ExpectedName,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ClientCertificateContext = _shown,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) => Accept(certificate, chain, errors),
        };
        if (_authorities.Count > 0)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(_authorities);
            options.CertificateChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1"));
        }

        return options;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var certificate in _authorities) certificate.Dispose();
        foreach (var certificate in _own) certificate.Dispose();
    }

    private string ExpectedName => _endpoint.ServerName ?? _endpoint.Address;

    private static void Read(string path, string what, Action read) => Read<object?>(path, what, () =>
    {
        read();
        return null;
    });

    private static T Read<T>(string path, string what, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new PhishMeException(
                Faults.SyslogCertificateRefused, $"The file of the {what} cannot be read: {unreadable.Message}", path, unreadable);
        }
    }

    private SslStreamCertificateContext Own(string file)
    {
        var password = _endpoint.ClientKeyPassword;
        X509Certificate2 certificate;
        var chain = new X509Certificate2Collection();
        if (Path.GetExtension(file) is var extension
            && (extension.Equals(".pfx", StringComparison.OrdinalIgnoreCase) || extension.Equals(".p12", StringComparison.OrdinalIgnoreCase)))
        {
            certificate = X509CertificateLoader.LoadPkcs12FromFile(file, password);
            chain.AddRange(X509CertificateLoader.LoadPkcs12CollectionFromFile(file, password));
        }
        else
        {
            certificate = password is null
                ? X509Certificate2.CreateFromPemFile(file, _endpoint.ClientKeyFile)
                : X509Certificate2.CreateFromEncryptedPemFile(file, password, _endpoint.ClientKeyFile);
            chain.ImportFromPemFile(file);
            if (OperatingSystem.IsWindows())
            {
                // Windows' TLS does not take a key that lives in memory only.
                using var inMemory = certificate;
                certificate = X509CertificateLoader.LoadPkcs12(inMemory.Export(X509ContentType.Pkcs12), null);
            }
        }

        _own.Add(certificate);
        _own.AddRange(chain);
        return SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }

    private bool Accept(X509Certificate? presented, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None) return true;
        if (presented is not X509Certificate2 certificate)
        {
            Refusal = "it presented no certificate";
            return false;
        }

        var reasons = new List<string>();
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            reasons.Add($"wrong host: the certificate is for {Names(certificate)}, not for {ExpectedName}");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) && chain is not null)
            reasons.AddRange(ChainReasons(certificate, chain));
        Refusal = string.Join("; ", reasons);
        return false;
    }

    private static string Names(X509Certificate2 certificate)
    {
        var alternatives = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        var names = alternatives is null
            ? []
            : alternatives.EnumerateDnsNames().Concat(alternatives.EnumerateIPAddresses().Select(address => address.ToString())).ToList();
        return names.Count > 0 ? string.Join(", ", names) : certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
    }

    private IEnumerable<string> ChainReasons(X509Certificate2 certificate, X509Chain chain)
    {
        foreach (var status in chain.ChainStatus.Select(status => status.Status).Where(status => status != X509ChainStatusFlags.NoError).Distinct())
        {
            switch (status)
            {
                case X509ChainStatusFlags.NotTimeValid:
                    yield return Dates(chain);
                    break;
                case X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.PartialChain:
                    var authorities = _endpoint.AuthorityFile is null ? "the system's authorities" : "the authorities of syslog_ca_file";
                    yield return certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData)
                        ? $"self-signed: the certificate is not among {authorities}"
                        : $"untrusted: its issuer {certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: true)} is not among {authorities}";
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
                return $"expired: the certificate ended on {Date(certificate.NotAfter)}";
            if (certificate.NotBefore > now)
                return $"not yet valid: the certificate begins on {Date(certificate.NotBefore)}";
        }

        return "outside its dates";

        static string Date(DateTime local) => local.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }
}
