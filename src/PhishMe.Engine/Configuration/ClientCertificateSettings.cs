namespace PhishMe.Engine.Configuration;

/// <summary>A certificate that this side shows in a TLS handshake.</summary>
internal sealed record ClientCertificateSettings
{
    /// <summary>Full path of a PEM file (certificate, perhaps with its key) or a PKCS #12 file (<c>.pfx</c>, <c>.p12</c>).</summary>
    public required string File { get; init; }

    /// <summary>Full path of the PEM file with the private key; null when <see cref="File"/> holds it.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Password of the private key; null for none. Never log it.</summary>
    public string? Password { get; init; }

    /// <summary>The path, without the password.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => File;
}
