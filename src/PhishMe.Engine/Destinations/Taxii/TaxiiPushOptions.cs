using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Taxii;

/// <summary>What is pushed to a TAXII 2.1 collection, and where it is.</summary>
internal sealed record TaxiiPushOptions
{
    /// <summary>The kinds that patterns have a form for.</summary>
    public static IReadOnlySet<IndicatorKind> Kinds { get; } = new HashSet<IndicatorKind>
    {
        IndicatorKind.IPv4, IndicatorKind.IPv6, IndicatorKind.Domain, IndicatorKind.Url, IndicatorKind.Email, IndicatorKind.Md5, IndicatorKind.Sha1, IndicatorKind.Sha256,
    };

    public required IndicatorChoice Choice { get; init; }

    /// <summary>Path of the API root behind the address, with a slash at both ends.</summary>
    public required string ApiRoot { get; init; }

    /// <summary>Id of the collection.</summary>
    public required string Collection { get; init; }

    /// <summary>How long an indicator is valid after the last publication.</summary>
    public required TimeSpan Validity { get; init; }

    public TlpLevel Marking { get; init; }

    /// <summary>Whether families and a report for each threat are sent as well; otherwise indicators alone.</summary>
    public bool SendsReports { get; init; } = true;

    /// <summary>Whether the server is an OpenCTI: indicators have its score and type, and a withdrawal has a score that it has not seen.</summary>
    public bool IsOpenCti { get; init; }

    /// <summary>How long the server is asked what became of an envelope.</summary>
    public TimeSpan StatusPatience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The address of the objects of the collection, behind that of the server.</summary>
    public string ObjectsPath => $"{ApiRoot}collections/{Uri.EscapeDataString(Collection)}/objects/";
}
