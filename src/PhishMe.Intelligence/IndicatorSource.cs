namespace PhishMe.Intelligence;

/// <summary>Which part of a threat an <see cref="Indicator"/> was read from.</summary>
public enum IndicatorSource
{
    /// <summary>The watch list of a malware threat (<c>blockSet</c>).</summary>
    WatchList,

    /// <summary>A file of a malware threat (<c>executableSet</c>).</summary>
    File,

    /// <summary>A sender domain, often spoofed (<c>domainSet</c>).</summary>
    SenderDomain,

    /// <summary>A sender address, often spoofed (<c>senderEmailSet</c>).</summary>
    SenderAddress,

    /// <summary>An address messages came from (<c>senderIpSet</c>).</summary>
    SenderIp,

    /// <summary>A subject line (<c>subjectSet</c>).</summary>
    Subject,

    /// <summary>A link in the messages (<c>spamUrlSet</c>).</summary>
    SpamUrl,

    /// <summary>The phishing page (<c>phishingURL_1</c>), its host or its registered domain.</summary>
    PhishingUrl,

    /// <summary>A link that was reported (<c>reportedURLs_1</c>).</summary>
    ReportedUrl,

    /// <summary>The target of a form on the page (<c>actionURLs_1</c>).</summary>
    ActionUrl,

    /// <summary>The address of the server behind the page (<c>ipDetail.ip</c>).</summary>
    Hosting,

    /// <summary>The archive of a phishing kit (<c>kits</c>).</summary>
    Kit,

    /// <summary>A file in a phishing kit (<c>kits[].files</c>).</summary>
    KitFile,

    /// <summary>An address found in a phishing kit (<c>kits[].files[].emails</c>).</summary>
    KitEmail,

    /// <summary>A resource of the page (<c>webComponents</c>), often copied from the brand's own site.</summary>
    WebComponent,
}
