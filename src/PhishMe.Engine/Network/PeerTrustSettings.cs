using PhishMe.Engine.Configuration;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Network;

/// <summary>Whom to trust and what to show in TLS handshakes with one kind of peer.</summary>
internal sealed record PeerTrustSettings
{
    /// <summary>Whether the peer's certificate is looked at.</summary>
    public bool Verify { get; init; } = true;

    /// <summary>PEM file with authorities, or self-signed certificates, to trust besides the system's; null for none.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>The key of config.ini that names <see cref="AuthorityFile"/>, for messages.</summary>
    public required string AuthorityKey { get; init; }

    /// <summary>The certificate shown; null for none.</summary>
    public ClientCertificateSettings? ClientCertificate { get; init; }

    /// <summary>What it is called when one of the files cannot be read.</summary>
    public required FaultKind Unreadable { get; init; }
}
