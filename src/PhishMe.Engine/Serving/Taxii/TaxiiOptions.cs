using System.Globalization;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Serving.Taxii;

/// <summary>How threats are rendered for TAXII.</summary>
internal sealed record TaxiiOptions
{
    /// <summary>Changes with what is rendered: then every object is new to readers.</summary>
    private const int Version = 1;

    /// <summary>What counts as for good: ten years.</summary>
    private const int LongestDays = 3650;

    /// <summary>Days after its last publication for which a threat is valid and is served; 0 is for good.</summary>
    public int RetentionDays { get; init; } = 90;

    /// <summary>The marking of every object.</summary>
    public TlpLevel Marking { get; init; }

    /// <summary>The confidence in indicators, by their impact.</summary>
    public ScoreTable Scores { get; init; } = ScoreTable.Usual;

    /// <summary>The options that [taxii_server] asks for.</summary>
    public static TaxiiOptions Of(TaxiiServerSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new TaxiiOptions { RetentionDays = settings.RetentionDays, Marking = settings.Marking, Scores = settings.Scores };
    }

    /// <summary>How long a threat is valid after its last publication.</summary>
    public TimeSpan Validity => TimeSpan.FromDays(RetentionDays is > 0 and <= LongestDays ? RetentionDays : LongestDays);

    /// <summary>Tells one form of rendering from another.</summary>
    public string Form => string.Create(CultureInfo.InvariantCulture, $"{Version}|{RetentionDays}|{Marking}")
        + (Scores == ScoreTable.Usual
            ? string.Empty
            : string.Create(CultureInfo.InvariantCulture, $"|{Scores.Major}|{Scores.Moderate}|{Scores.Minor}|{Scores.None}"));

    /// <summary>The options of the STIX renderer.</summary>
    public StixBundleOptions Stix => new() { Marking = Marking, Scores = Scores };
}
