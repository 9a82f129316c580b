using System.Security.Cryptography.X509Certificates;
using PhishMe.Engine.Configuration;

namespace PhishMe.Engine.Network;

/// <summary>Reads a certificate with its private key.</summary>
internal static class CertificateFile
{
    /// <summary>Whether the file is PKCS #12; otherwise it is PEM.</summary>
    public static bool IsPkcs12(string path) =>
        Path.GetExtension(path) is var extension
        && (extension.Equals(".pfx", StringComparison.OrdinalIgnoreCase) || extension.Equals(".p12", StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads it.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The file holds no such thing, or the password is wrong.</exception>
    public static X509Certificate2 Load(ClientCertificateSettings file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return IsPkcs12(file.File) ? X509CertificateLoader.LoadPkcs12FromFile(file.File, file.Password)
            : file.Password is null ? X509Certificate2.CreateFromPemFile(file.File, file.KeyFile)
            : X509Certificate2.CreateFromEncryptedPemFile(file.File, file.Password, file.KeyFile);
    }
}
