namespace PhishMe.Engine.Configuration;

/// <summary>Where one of the two servers of <c>phishme serve</c> listens, and whom it lets in.</summary>
internal sealed record ListenerSettings
{
    /// <summary>The section that describes it.</summary>
    public required string Section { get; init; }

    /// <summary>The address, such as <c>https://127.0.0.1:8443</c>. Port 0 is a free one.</summary>
    public required Uri Address { get; init; }

    /// <summary>The certificate file; null where it comes from the certificate store of Windows, or where there is no TLS.</summary>
    public ClientCertificateSettings? Certificate { get; init; }

    /// <summary>Thumbprint of a certificate in the store of Windows; null for none.</summary>
    public string? Thumbprint { get; init; }

    /// <summary>The user name that is asked for; null when no one is asked.</summary>
    public string? User { get; init; }

    /// <summary>The passwords that are accepted: the present one, and the one before while readers change over. Never log them.</summary>
    public IReadOnlyList<string> Passwords { get; init; } = [];

    /// <summary>Whether the status page and the figures are shown at this address.</summary>
    public bool ShowsStatus { get; init; }

    /// <summary>Whether the connection is encrypted.</summary>
    public bool IsEncrypted => Address.Scheme == Uri.UriSchemeHttps;

    /// <summary>The section and the address, without secrets.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"[{Section}] {Address}";
}
