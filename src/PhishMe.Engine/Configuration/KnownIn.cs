namespace PhishMe.Engine.Configuration;

/// <summary>Which configuration files have a section or key.</summary>
[Flags]
internal enum KnownIn
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Those written by the vendor's documentation of 2017.</summary>
    Documentation2017 = 1,

    /// <summary>Those of the versions between the documentation of 2017 and 4.8.0.</summary>
    OlderVersions = 2,

    /// <summary>Those of version 4.8.0 of the original.</summary>
    Version480 = 4,

    /// <summary>All files written for the original.</summary>
    Original = Documentation2017 | OlderVersions | Version480,

    /// <summary>Those written for PhishMe for PowerShell only.</summary>
    PowerShell = 8,
}
