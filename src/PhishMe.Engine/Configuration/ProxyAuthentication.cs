namespace PhishMe.Engine.Configuration;

/// <summary>How we authenticate at a proxy.</summary>
internal enum ProxyAuthentication
{
    /// <summary>User and password, as they are (RFC 7617).</summary>
    Basic,

    /// <summary>Kerberos, or NTLM where there is none (RFC 4559), with the user and password given.</summary>
    Negotiate,

    /// <summary>NTLM with the user and password given.</summary>
    Ntlm,

    /// <summary>A digest of user and password (RFC 7616).</summary>
    Digest,

    /// <summary>The account that runs this, by Negotiate or NTLM.</summary>
    Default,
}
