namespace PhishMe.Torture;

/// <summary>How an installation is configured.</summary>
internal sealed record InstallationOptions
{
    public required DateTimeOffset InitialDate { get; init; }

    public int ResultsPerPage { get; init; } = 5;

    public bool Malware { get; init; } = true;

    public bool Phish { get; init; } = true;

    public IReadOnlyList<string> Formats { get; init; } = ["cef", "json", "stix"];

    /// <summary>Those of the formats that are switched off at first; see <see cref="TortureInstallation.Switch"/>.</summary>
    public IReadOnlyList<string> Off { get; init; } = [];

    public bool Append { get; init; } = true;

    public bool Files { get; init; } = true;

    public bool SplitByDate { get; init; } = true;

    /// <summary>All formats write their files to the same folder.</summary>
    public bool OneFolder { get; init; }

    public string Layout { get; init; } = "standard";

    public bool Jitter { get; init; }

    /// <summary>Whether full threats and their indicators are kept.</summary>
    public bool Store { get; init; }

    /// <summary>Whether what is stored is placed in the order of TAXII.</summary>
    public bool Taxii { get; init; }

    /// <summary>Further lines of the section of a format.</summary>
    public Func<string, string> Keys { get; init; } = _ => string.Empty;

    /// <summary>Changes the text of config.ini before it is written.</summary>
    public Func<string, string> Edit { get; init; } = text => text;

    /// <summary>Further lines of config.ini.</summary>
    public string Extra { get; init; } = string.Empty;
}
