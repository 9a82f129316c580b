using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Configuration;

/// <summary>One of the raw outputs, [integration_raw_…] or [output_…], in use.</summary>
internal sealed record OutputSettings
{
    /// <summary>Name of the section.</summary>
    public required string Section { get; init; }

    /// <summary>The format.</summary>
    public required OutputFormat Format { get; init; }

    /// <summary>The format with its version.</summary>
    public RenderingFormat Form => Format switch
    {
        OutputFormat.Json => RenderingFormat.Json,
        OutputFormat.Cef => RenderingFormat.Cef,
        OutputFormat.Stix => StixVersion switch
        {
            StixVersion.Stix111 => RenderingFormat.Stix111,
            StixVersion.Stix21 => RenderingFormat.Stix21,
        },
    };

    /// <summary>Full path of the append file; null when not in use.</summary>
    public string? AppendFile { get; init; }

    /// <summary>Full path of the folder of per-threat files; null when not in use.</summary>
    public string? Folder { get; init; }

    /// <summary>Whether per-threat files go to a sub-folder per date of first publication.</summary>
    public bool SplitByDate { get; init; }

    /// <summary>Which names and bytes the files have.</summary>
    public OutputLayout Layout { get; init; }

    /// <summary>Who renders; JSON always comes from the API.</summary>
    public OutputSource Source { get; init; }

    /// <summary>The version of STIX; of no meaning for other formats.</summary>
    public StixVersion StixVersion { get; init; }

    /// <summary>The marking put on STIX that is rendered here.</summary>
    public TlpLevel Marking { get; init; }

    /// <summary>For how many days after the last publication STIX 2.1 that is rendered here is valid; 0 for no end.</summary>
    public int ValidDays { get; init; }

    /// <summary>The score of each impact: the confidence in STIX 2.1 that is rendered here.</summary>
    public ScoreTable Scores { get; init; } = ScoreTable.Usual;

    /// <summary>Where CEF is sent by syslog; null when not in use.</summary>
    public SyslogSettings? Syslog { get; init; }
}
