using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Network;
using PhishMe.Intelligence;

namespace PhishMe.Server.Listening;

/// <summary>The certificate that a listener shows.</summary>
internal static class ServerCertificate
{
    /// <summary>Reads it from its file, or from the certificate store of Windows.</summary>
    /// <exception cref="PhishMeException">It cannot be read, or has no private key.</exception>
    public static X509Certificate2 Load(ListenerSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        try
        {
            var certificate = settings.Certificate is ClientCertificateSettings file ? Usable(CertificateFile.Load(file)) : FromStore(settings.Thumbprint!);
            return certificate.HasPrivateKey
                ? certificate
                : throw NotStarted(settings, "has no private key. Name its file in certificate_key, or one that contains it.");
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw NotStarted(settings, $"cannot be read: {exception.Message}");
        }
    }

    /// <summary>On Windows, TLS cannot use a key that exists in memory only.</summary>
    private static X509Certificate2 Usable(X509Certificate2 certificate)
    {
        if (!OperatingSystem.IsWindows() || !certificate.HasPrivateKey)
        {
            return certificate;
        }

        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
        }
    }

    private static X509Certificate2 FromStore(string thumbprint)
    {
        foreach (var location in (StoreLocation[])[StoreLocation.LocalMachine, StoreLocation.CurrentUser])
        {
            using var store = new X509Store(StoreName.My, location);
            store.Open(OpenFlags.ReadOnly | OpenFlags.OpenExistingOnly);
            var name = thumbprint.Length == 64 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1;
            if (store.Certificates.FindByThumbprint(name, thumbprint) is [X509Certificate2 found, ..])
            {
                return found;
            }
        }

        throw new CryptographicException("No certificate store of this computer or account has it.");
    }

    private static PhishMeException NotStarted(ListenerSettings settings, string problem) => new(
        Faults.ServerNotStarted, $"The certificate of [{settings.Section}] {problem}", settings.Certificate?.File ?? settings.Thumbprint);
}
