namespace PhishMe.Torture.Kills;

/// <summary>A kind of run to kill.</summary>
/// <param name="Name">Its name in reports.</param>
/// <param name="Backfill">Whether the run to kill is the first one, or one that follows the changelog.</param>
/// <param name="Configure">Changes how the installation is configured.</param>
internal sealed record KillScenario(string Name, bool Backfill, Func<InstallationOptions, InstallationOptions> Configure)
{
    private const string RenderedHere = "source = local";

    /// <summary>Whether CEF also goes to a collector.</summary>
    public bool Syslog { get; init; }

    /// <summary>Whether threats also go to products over HTTP.</summary>
    public bool Pushes { get; init; }

    /// <summary>Outputs that are off until everything was delivered to the others: the run to kill is the one in which they catch up.</summary>
    public IReadOnlyList<string> SwitchedOn { get; init; } = [];

    /// <summary>Whether these outputs were on for the backfill and missed the changes only.</summary>
    public bool WasOn { get; init; }

    /// <summary>Whether the run to kill finds a state file of version 3.</summary>
    public bool Upgrades { get; init; }

    public static KillScenario FirstRun { get; } = new("backfill", true, options => options);

    public static KillScenario Updates { get; } = new("updates and withdrawals", false, options => options);

    public static KillScenario LegacyUpdates { get; } = new(
        "updates, legacy layout, no date folders", false, options => options with { Layout = "legacy", SplitByDate = false });

    public static KillScenario JsonBackfill { get; } = new(
        "backfill, JSON only, malware only", true, options => options with { Formats = ["json"], Phish = false });

    public static KillScenario CefAppendBackfill { get; } = new(
        "backfill, CEF append file only", true, options => options with { Formats = ["cef"], Files = false });

    public static KillScenario StoreBackfill { get; } = new(
        "backfill with the store", true, options => options with { Formats = ["json"], Files = false, Store = true });

    public static KillScenario StoreUpdates { get; } = new(
        "updates and withdrawals with the store", false, options => options with { Formats = ["json"], Store = true });

    public static KillScenario LocalBackfill { get; } = new(
        "backfill, CEF and STIX 1.1.1 rendered here", true, options => options with { Formats = ["cef", "stix"], Keys = _ => RenderedHere });

    public static KillScenario LocalUpdates { get; } = new(
        "updates, CEF and STIX 1.1.1 rendered here", false, options => options with { Formats = ["cef", "stix"], Keys = _ => RenderedHere });

    public static KillScenario BundleUpdates { get; } = new(
        "updates, STIX 2.1", false, options => options with { Formats = ["stix"], Keys = _ => RenderedHere + "\nversion = 2.1" });

    public static KillScenario SyslogBackfill { get; } = new(
        "backfill to a collector", true, options => options with { Formats = ["cef"], Append = false, Files = false })
    {
        Syslog = true,
    };

    public static KillScenario SyslogUpdates { get; } = new(
        "updates and withdrawals to a collector", false, options => options with { Formats = ["cef"], Files = false })
    {
        Syslog = true,
    };

    public static KillScenario PushBackfill { get; } = new(
        "backfill to products over HTTP", true, options => options with { Formats = ["json"], Files = false, Store = true })
    {
        Pushes = true,
    };

    public static KillScenario PushUpdates { get; } = new(
        "updates and withdrawals to products over HTTP", false, options => options with { Formats = ["json"], Files = false, Store = true })
    {
        Pushes = true,
    };

    public static KillScenario TaxiiBackfill { get; } = new(
        "backfill with TAXII", true, options => options with { Formats = ["json"], Files = false, Store = true, Taxii = true });

    public static KillScenario TaxiiUpdates { get; } = new(
        "updates and withdrawals with TAXII", false, options => options with { Formats = ["json"], Files = false, Store = true, Taxii = true });

    public static KillScenario StoreCatchUp { get; } = new(
        "catch-up from the store",
        false,
        options => options with
        {
            Formats = ["json", "cef", "stix"],
            Store = true,
            Keys = format => format switch
            {
                "cef" => RenderedHere,
                "stix" => RenderedHere + "\nversion = 2.1",
                _ => string.Empty,
            },
        })
    {
        SwitchedOn = ["cef", "stix"],
    };

    public static KillScenario BackfillCatchUp { get; } = new(
        "catch-up by a backfill of its own", false, options => options with { Formats = ["json", "cef", "stix"] })
    {
        SwitchedOn = ["cef", "stix"],
    };

    public static KillScenario ChangesCatchUp { get; } = new(
        "catch-up by changes", false, options => options with { Formats = ["json", "cef", "stix"] })
    {
        SwitchedOn = ["cef", "stix"],
        WasOn = true,
    };

    public static KillScenario SyslogCatchUp { get; } = new(
        "catch-up of a collector", false, options => options with { Formats = ["json", "cef"] })
    {
        SwitchedOn = ["cef"],
        Syslog = true,
    };

    public static KillScenario Upgrade { get; } = new(
        "upgrade of a state file of version 3", false, options => options with { Store = true, Taxii = true, ResultsPerPage = 20 })
    {
        Upgrades = true,
        Syslog = true,
    };

    public static IReadOnlyList<KillScenario> All { get; } =
    [
        FirstRun, Updates, LegacyUpdates, JsonBackfill, CefAppendBackfill, StoreBackfill, StoreUpdates, LocalBackfill, LocalUpdates, BundleUpdates,
        SyslogBackfill, SyslogUpdates, PushBackfill, PushUpdates, TaxiiBackfill, TaxiiUpdates, StoreCatchUp, BackfillCatchUp, ChangesCatchUp, SyslogCatchUp, Upgrade,
    ];
}
