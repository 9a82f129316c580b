using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Configuration;

/// <summary>The keys that all products share: [integration_defaults], and the same keys in the section of a product.</summary>
internal static class DeliveryKeys
{
    public const string SectionName = "integration_defaults";

    private const string SeeDefaults = "Empty: as in [integration_defaults].";

    /// <summary>[integration_defaults].</summary>
    public static SectionSchema Section { get; } = new()
    {
        Name = SectionName,
        Description = "What all integration_ sections of products have in common. A key of the same name in the section of a product wins.",
        KnownIn = KnownIn.PowerShell,
        DeclareKeys = () =>
        [
            MinimumImpact("none", "Lowest impact of an indicator; none is all of them."),
            Ours(Flag("include_corollary", "False", "Also indicators for correlation only, such as senders and subjects. Never block these.")),
            Products("intelligence,brand_intelligence", "Whose threats: intelligence, brand_intelligence or both."),
            RetentionDays("90", "Days after its last publication for which a threat stays in a list; 0 is for good."),
            Ours(Flag("retract", "True", "Pass withdrawals on.")),
            .. ScoreKeys.Common(),
        ],
    };

    /// <summary>The keys that say which indicators a product gets.</summary>
    /// <param name="minimumImpact">The product's own default; empty for that of [integration_defaults].</param>
    public static IEnumerable<KeySchema> Indicators(string minimumImpact = "") =>
    [
        MinimumImpact(minimumImpact, $"Lowest impact of an indicator.{(minimumImpact.Length == 0 ? " " + SeeDefaults : string.Empty)}"),
        Ours(new() { Name = "include_corollary", Kind = ValueKind.Boolean, MayBeEmpty = true,
            Description = $"Also indicators for correlation only. {SeeDefaults}" }),
    ];

    /// <summary>The keys that say which threats a product gets.</summary>
    public static IEnumerable<KeySchema> Threats() =>
    [
        Products(string.Empty, $"Whose threats. {SeeDefaults}"),
        Ours(new() { Name = "retract", Kind = ValueKind.Boolean, MayBeEmpty = true, Description = $"Pass withdrawals on. {SeeDefaults}" }),
    ];

    /// <summary>The key that says how long a threat stays in a list.</summary>
    public static KeySchema Retention() => RetentionDays(string.Empty, $"Days that a threat stays in the files; 0 is for good. {SeeDefaults}");

    /// <summary>The keys of a product that keeps entries: which indicators, whose threats, and for how long.</summary>
    /// <param name="minimumImpact">The product's own lowest impact; empty for that of [integration_defaults].</param>
    /// <param name="retentionDays">The product's own retention; empty for that of [integration_defaults].</param>
    public static IEnumerable<KeySchema> Entries(string minimumImpact = "", string retentionDays = "") =>
        [.. Indicators(minimumImpact), .. Threats(), KeptFor(retentionDays)];

    /// <summary>The key that says how long what a threat brought stays at a product that keeps entries.</summary>
    /// <param name="retentionDays">The product's own retention; empty for that of [integration_defaults].</param>
    public static KeySchema KeptFor(string retentionDays = "") => RetentionDays(
        retentionDays,
        $"Days after its last publication for which a threat stays in the product; 0 is for good.{(retentionDays.Length == 0 ? " " + SeeDefaults : string.Empty)}");

    /// <summary>Reads the keys of a product; those that it does not have are those of [integration_defaults].</summary>
    /// <param name="section">The section of the product.</param>
    /// <param name="defaults">[integration_defaults].</param>
    /// <param name="scores">The scores of [integration_defaults].</param>
    public static DeliverySettings Read(SectionValues section, SectionValues defaults, ScoreTable scores)
    {
        var impact = Of("minimum_impact").Word("minimum_impact");
        return new DeliverySettings
        {
            MinimumImpact = ImpactOf(impact),
            IncludeCorollary = Of("include_corollary").Boolean("include_corollary"),
            Products = ReadProducts(Of("products")),
            RetentionDays = Of("retention_days").OptionalInteger("retention_days") ?? defaults.Integer("retention_days"),
            Retract = Of("retract").Boolean("retract"),
            Scores = ScoreKeys.Read(section, scores),
        };

        // What a person wrote counts before any default, and a default of the product's own stands above the common one.
        SectionValues Of(string key) =>
            section.Has(key) && (section.Unchecked(key) is not null || (defaults.Unchecked(key) is null && section.HasDefault(key))) ? section : defaults;
    }

    /// <summary>The impact of a word; null for none, which asks for everything.</summary>
    public static Impact? ImpactOf(string word) => word switch
    {
        "minor" => Impact.Minor,
        "moderate" => Impact.Moderate,
        "major" => Impact.Major,
        _ => null,
    };

    private static HashSet<ThreatType> ReadProducts(SectionValues section)
    {
        var products = new HashSet<ThreatType>();
        foreach (var word in section.ListOrDefault("products"))
        {
            if (word.Equals("intelligence", StringComparison.OrdinalIgnoreCase))
            {
                products.Add(ThreatType.Malware);
            }
            else if (word.Equals("brand_intelligence", StringComparison.OrdinalIgnoreCase))
            {
                products.Add(ThreatType.Phish);
            }
            else
            {
                section.Report(FindingRules.NotAChoice, "products", $"'{VisibleText.Of(word)}' is not a product. Write intelligence, brand_intelligence or both.");
            }
        }

        return products.Count > 0 ? products : [ThreatType.Malware, ThreatType.Phish];
    }

    private static KeySchema MinimumImpact(string value, string description) =>
        Ours(Word("minimum_impact", value, ["none", "minor", "moderate", "major"], description)) with { MayBeEmpty = value.Length == 0 };

    private static KeySchema Products(string value, string description) =>
        Ours(new() { Name = "products", Kind = ValueKind.List, Default = value, Description = description, MayBeEmpty = true });

    private static KeySchema RetentionDays(string value, string description) =>
        Ours(Number("retention_days", value, 0, 3650, description)) with { MayBeEmpty = value.Length == 0 };
}
