using System.Globalization;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Sync;

/// <summary>What a sync is about.</summary>
internal sealed record SyncPlan
{
    /// <summary>Never empty.</summary>
    public required IReadOnlySet<ThreatType> Products { get; init; }

    /// <summary>The formats to download.</summary>
    public required IReadOnlySet<OutputFormat> Formats { get; init; }

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

    /// <summary>Null for both products.</summary>
    public ThreatType? OnlyType => Products.Count == 1 ? Products.First() : null;

    /// <summary>Whether the search has to be asked: CEF alone comes by windows.</summary>
    public bool NeedsPages => Formats.Contains(OutputFormat.Json) || Formats.Contains(OutputFormat.Stix);

    /// <summary>Two backfills with the same text have the same pages and windows.</summary>
    public string Fingerprint => string.Create(
        CultureInfo.InvariantCulture,
        $"{InitialDate:yyyy-MM-dd};{string.Join('+', Products.Order())};{string.Join('+', Formats.Order())};{ResultsPerPage}");
}
