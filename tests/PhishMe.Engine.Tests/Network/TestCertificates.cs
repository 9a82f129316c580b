using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PhishMe.Engine.Tests.Network;

/// <summary>A certificate authority of the test's own, and PEM files of what it issues.</summary>
internal sealed class TestCertificates : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("syslog-certificates-").FullName;
    private readonly X509Certificate2 _authority;

    public TestCertificates(string name = "Test authority")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-2), DateTimeOffset.UtcNow.AddYears(2));
        AuthorityFile = InFolder("authority.pem");
        File.WriteAllText(AuthorityFile, _authority.ExportCertificatePem());
        Server = Issue("localhost");
        (ServerFile, ServerKeyFile) = Save(Server, "server");
        using var client = Issue("phishme-client");
        (ClientFile, ClientKeyFile) = Save(client, "client");
    }

    public string AuthorityFile { get; }

    /// <summary>For localhost, 127.0.0.1 and ::1.</summary>
    public X509Certificate2 Server { get; }

    public string ServerFile { get; }

    public string ServerKeyFile { get; }

    public string ClientFile { get; }

    public string ClientKeyFile { get; }

    public X509Certificate2 Issue(string name, DateTimeOffset? from = null, DateTimeOffset? to = null, bool selfSigned = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1"), new("1.3.6.1.5.5.7.3.2")], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        if (name == "localhost")
        {
            names.AddIpAddress(IPAddress.Loopback);
            names.AddIpAddress(IPAddress.IPv6Loopback);
        }

        request.CertificateExtensions.Add(names.Build());
        var begin = from ?? DateTimeOffset.UtcNow.AddDays(-1);
        var end = to ?? DateTimeOffset.UtcNow.AddDays(30);
        if (selfSigned)
        {
            return request.CreateSelfSigned(begin, end);
        }

        using var issued = request.Create(_authority, begin, end, RandomNumberGenerator.GetBytes(12));
        return issued.CopyWithPrivateKey(key);
    }

    public (string Certificate, string Key) Save(X509Certificate2 certificate, string name)
    {
        File.WriteAllText(InFolder(name + ".pem"), certificate.ExportCertificatePem());
        using var key = certificate.GetECDsaPrivateKey()!;
        File.WriteAllText(InFolder(name + ".key"), key.ExportPkcs8PrivateKeyPem());
        return (InFolder(name + ".pem"), InFolder(name + ".key"));
    }

    public string InFolder(string file) => Path.Combine(_folder, file);

    public void Dispose()
    {
        Server.Dispose();
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
