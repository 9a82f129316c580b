using System.Globalization;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Serving.Taxii;

/// <summary>The collections, and what belongs to which.</summary>
internal static class TaxiiCollections
{
    private static readonly Impact[] _impacts = [Impact.None, Impact.Minor, Impact.Moderate, Impact.Major];

    /// <summary>All of them, in the order of their numbers.</summary>
    public static IReadOnlyList<TaxiiCollection> All { get; } =
    [
        Create(0, "all", "All threats", "All indicators of both products."),
        .. from type in (ThreatType[])[ThreatType.Malware, ThreatType.Phish]
           from impact in _impacts
           select Create(type, impact),
    ];

    /// <summary>The collection with an id or an alias; null when no collection has it.</summary>
    public static TaxiiCollection? Find(string idOrAlias) => All.FirstOrDefault(
        collection => collection.Alias.Equals(idOrAlias, StringComparison.OrdinalIgnoreCase) || collection.Id.Equals(idOrAlias, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// The collections that an indicator belongs to, a bit for each. What is not rated, as in all phish, counts as Major; what the vendor calls benign is in
    /// the collections of all impacts only.
    /// </summary>
    public static int Of(Indicator indicator)
    {
        ArgumentNullException.ThrowIfNull(indicator);
        return Of(indicator.ThreatId.Type, VendorJudgement.IsBenign(indicator) ? Impact.None : indicator.Impact ?? Impact.Major);
    }

    /// <summary>The collections of a threat that has no indicators.</summary>
    public static int Of(ThreatId threat) => Of(threat.Type, Impact.None);

    private static int Of(ThreatType type, Impact impact) =>
        All.Where(collection => collection.Type is null || (collection.Type == type && collection.MinimumImpact <= impact)).Sum(collection => collection.Bit);

    private static TaxiiCollection Create(ThreatType type, Impact impact)
    {
        var product = type == ThreatType.Malware ? "malware" : "phish";
        var word = impact.ToString().ToLowerInvariant();
        var what = type == ThreatType.Malware ? "malware campaigns" : "phishing pages";
        return Create(
            1 + ((int)type * _impacts.Length) + (int)impact,
            $"{product}-{word}",
            $"{(type == ThreatType.Malware ? "Malware campaigns" : "Phishing pages")}, {(impact == Impact.None ? "all impacts" : $"{word}{(impact == Impact.Major ? string.Empty : " or worse")}")}",
            impact == Impact.None ? $"All indicators of {what}." : $"Indicators of {what} whose impact is {impact}{(impact == Impact.Major ? string.Empty : " or worse")}; nothing benign.") with
        {
            Type = type,
            MinimumImpact = impact,
        };
    }

    /// <summary>Version 4 (TAXII 2.1, 5.2.1), although it follows from the alias: some readers take any other version for no id, and then the first collection.</summary>
    private static string IdOf(string alias)
    {
        var uuid = NameBasedUuid.Create($"taxii|collection|{alias}").ToString("D", CultureInfo.InvariantCulture);
        return $"{uuid[..14]}4{uuid[15..]}";
    }

    private static TaxiiCollection Create(int number, string alias, string title, string description) => new()
    {
        Number = number,
        Alias = alias,
        Id = IdOf(alias),
        Title = title,
        Description = description,
    };
}
