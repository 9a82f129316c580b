using System.Globalization;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Sync;

/// <summary>What a sync is about.</summary>
internal sealed record SyncPlan
{
    /// <summary>Never empty.</summary>
    public required IReadOnlySet<ThreatType> Products { get; init; }

    /// <summary>The formats the outputs want.</summary>
    public required IReadOnlySet<OutputFormat> Formats { get; init; }

    /// <summary>Those of them that are made from JSON here instead of by the API.</summary>
    public IReadOnlySet<OutputFormat> Local { get; init; } = new HashSet<OutputFormat>();

    /// <summary>STIX made here is a 2.1 bundle, not a 1.1.1 package.</summary>
    public bool IsStixBundle { get; init; }

    /// <summary>Marking of STIX 2.1 objects.</summary>
    public TlpLevel Marking { get; init; }

    /// <summary>For how many days after the last publication STIX 2.1 objects are valid; 0 for no end.</summary>
    public int ValidDays { get; init; }

    /// <summary>The confidence in STIX 2.1 objects that the vendor did not rate, by impact.</summary>
    public ScoreTable Scores { get; init; } = ScoreTable.Usual;

    /// <summary>Counts watch-list entries of types this version does not know.</summary>
    public UnknownBlockTypes UnknownTypes { get; } = new();

    /// <summary>Start of a backfill.</summary>
    public required DateTimeOffset InitialDate { get; init; }

    /// <summary>1 to 100.</summary>
    public required int ResultsPerPage { get; init; }

    /// <summary>Fetches under way at most.</summary>
    public required int Concurrency { get; init; }

    /// <summary>Updates first published longer ago (days) are recorded, not emitted; null to emit all.</summary>
    public int? ExpiredThreatDays { get; init; }

    /// <summary>Whether threats are prepared for the store.</summary>
    public bool KeepThreats { get; init; }

    /// <summary>Whether the model of a threat is needed after it was rendered and prepared for the store: to compare it, or to make a product's message.</summary>
    public bool KeepModel { get; init; }

    /// <summary>Reads the model of a threat.</summary>
    public Func<ReadOnlyMemory<byte>, ReadThreat> Reader { get; init; } = ReadThreat.Of;

    /// <summary>Null for both products.</summary>
    public ThreatType? OnlyType => Products.Count == 1 ? Products.First() : null;

    /// <summary>The formats to ask the API for.</summary>
    public IReadOnlySet<OutputFormat> Downloads =>
        Formats.Except(Local).Concat(Local.Count > 0 ? [OutputFormat.Json] : []).ToHashSet();

    /// <summary>Whether the search has to be asked: CEF alone comes by windows.</summary>
    public bool NeedsPages => Downloads.Contains(OutputFormat.Json) || Downloads.Contains(OutputFormat.Stix);

    /// <summary>Two backfills with the same text have the same pages and windows.</summary>
    public string Fingerprint => string.Create(
        CultureInfo.InvariantCulture,
        $"{InitialDate:yyyy-MM-dd};{string.Join('+', Products.Order())};{string.Join('+', Formats.Order())};{string.Join('+', Local.Order())};{ResultsPerPage}");
}
