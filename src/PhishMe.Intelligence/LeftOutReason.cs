namespace PhishMe.Intelligence;

/// <summary>Why an indicator is not part of what was written.</summary>
public enum LeftOutReason
{
    /// <summary>The format has no form for this kind of indicator.</summary>
    NoForm,

    /// <summary>The value is no well-formed instance of its kind, or the receiver's grammar does not allow it.</summary>
    Malformed,

    /// <summary>For correlation and alerts only: senders, subjects, web components and the like.</summary>
    Corollary,

    /// <summary>The vendor calls it benign: impact None, a role such as IDinfo, or a file of an ordinary program that malware uses.</summary>
    Benign,

    /// <summary>A private, loopback, link-local, multicast or otherwise unroutable address, or a name or URL that leads to one.</summary>
    PrivateAddress,

    /// <summary>The hash of the file without content: it matches every empty file.</summary>
    EmptyFile,

    /// <summary>It is on the allow list, or below something that is.</summary>
    AllowListed,
}
