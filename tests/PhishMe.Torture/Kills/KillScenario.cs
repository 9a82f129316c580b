namespace PhishMe.Torture.Kills;

/// <summary>A kind of run to kill.</summary>
/// <param name="Name">Its name in reports.</param>
/// <param name="Backfill">Whether the run to kill is the first one, or one that follows the changelog.</param>
/// <param name="Site">What the site wants.</param>
internal sealed record KillScenario(string Name, bool Backfill, Func<SiteOptions, SiteOptions> Site)
{
    public static KillScenario FirstRun { get; } = new("backfill", true, options => options);

    public static KillScenario Updates { get; } = new("updates and withdrawals", false, options => options);

    public static KillScenario LegacyUpdates { get; } = new(
        "updates, legacy layout, no date folders", false, options => options with { Layout = "legacy", SplitByDate = false });

    public static KillScenario JsonBackfill { get; } = new(
        "backfill, JSON only, malware only", true, options => options with { Formats = ["json"], Phish = false });

    public static KillScenario CefAppendBackfill { get; } = new(
        "backfill, CEF append file only", true, options => options with { Formats = ["cef"], Files = false });

    public static IReadOnlyList<KillScenario> All { get; } = [FirstRun, Updates, LegacyUpdates, JsonBackfill, CefAppendBackfill];
}
