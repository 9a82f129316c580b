using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PhishMe.Engine.Configuration;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Network;

/// <summary>
/// Whom to trust and what to show in a TLS handshake, and why a certificate was refused: the one answer for the API, for a proxy and for a
/// syslog collector. A certificate is trusted when it leads to an authority of the system or of the file named; dates and name always count.
/// </summary>
internal sealed class PeerTrust : IDisposable
{
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    private readonly PeerTrustSettings _settings;
    private readonly X509Certificate2Collection _authorities = [];
    private readonly X509Certificate2Collection _own = [];
    private readonly SslStreamCertificateContext? _shown;
    private volatile string? _refusal;

    /// <summary>Reads the files named.</summary>
    /// <param name="settings">The files.</param>
    /// <exception cref="PhishMeException">A file cannot be read or holds no certificate.</exception>
    public PeerTrust(PeerTrustSettings settings)
    {
        _settings = settings;
        if (settings.AuthorityFile is { } authorities)
        {
            Read(authorities, "certificate authorities", () =>
            {
                _authorities.ImportFromPemFile(authorities);
                return _authorities.Count;
            });
            if (_authorities.Count == 0)
            {
                throw new PhishMeException(settings.Unreadable, "The file of certificate authorities contains no certificate.", authorities);
            }
        }

        if (settings.ClientCertificate is { } own)
        {
            _shown = Read(own.File, "client certificate", () => Own(own));
        }
    }

    /// <summary>Why a peer's certificate was refused in the latest handshake that failed; null when none was.</summary>
    public string? Refusal => _refusal;

    /// <summary>Makes the options of handshakes.</summary>
    /// <param name="expectedName">The name that the peer's certificate must carry.</param>
    /// <returns>The options.</returns>
    public SslClientAuthenticationOptions Options(string expectedName)
    {
        _refusal = null;
        return new SslClientAuthenticationOptions
        {
            TargetHost = expectedName,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ClientCertificateContext = _shown,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) => Accept(expectedName, certificate, chain, errors),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var certificate in _authorities)
        {
            certificate.Dispose();
        }

        foreach (var certificate in _own)
        {
            certificate.Dispose();
        }
    }

    private T Read<T>(string path, string what, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new PhishMeException(_settings.Unreadable, $"The file of the {what} cannot be read: {unreadable.Message}", path, unreadable);
        }
    }

    private SslStreamCertificateContext Own(ClientCertificateSettings own)
    {
        var certificate = CertificateFile.Load(own);
        var chain = new X509Certificate2Collection();
        if (CertificateFile.IsPkcs12(own.File))
        {
            chain.AddRange(X509CertificateLoader.LoadPkcs12CollectionFromFile(own.File, own.Password));
        }
        else
        {
            chain.ImportFromPemFile(own.File);
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

    private bool Accept(string expectedName, X509Certificate? presented, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None || !_settings.Verify)
        {
            return true;
        }

        if (presented is not X509Certificate2 certificate)
        {
            _refusal = "it presented no certificate";
            return false;
        }

        using var besides = new X509Chain();
        var judged = chain;
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) && _authorities.Count > 0)
        {
            // Not trusted by the system: the authorities of the file have the second word.
            judged = besides;
            if (LeadsToNamedAuthority(besides, certificate, chain))
            {
                errors &= ~SslPolicyErrors.RemoteCertificateChainErrors;
            }
        }

        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        var authorities = _settings.AuthorityFile is null ? "the system" : $"the system or by {_settings.AuthorityKey}";
        _refusal = CertificateRefusal.Reasons(expectedName, certificate, judged, errors, authorities);
        return false;
    }

    private bool LeadsToNamedAuthority(X509Chain chain, X509Certificate2 certificate, X509Chain? received)
    {
        var policy = chain.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.RevocationMode = X509RevocationMode.NoCheck;
        policy.ApplicationPolicy.Add(ServerAuthentication);
        policy.CustomTrustStore.AddRange(_authorities);
        if (received is not null)
        {
            policy.ExtraStore.AddRange(received.ChainPolicy.ExtraStore);
        }

        return chain.Build(certificate);
    }
}
