using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Completion;

namespace PhishMe.PowerShell.Commands;

/// <summary>Writes the feed of a product, such as the block lists of a firewall, to a path of your choice. Needs no configuration file.</summary>
[Cmdlet(VerbsData.Export, "PhishMeFeed", SupportsShouldProcess = true, DefaultParameterSetName = PathSet)]
[OutputType(typeof(FeedSummary), ParameterSetName = [PathSet, LiteralPathSet, PathFromStoreSet, LiteralPathFromStoreSet])]
public sealed class ExportPhishMeFeedCommand : PhishMeCmdlet
{
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";
    private const string PathFromStoreSet = "PathFromStore";
    private const string LiteralPathFromStoreSet = "LiteralPathFromStore";

    private IFeedWriter? _feed;
    private IIntelligenceStore? _store;

    /// <summary>The name of the feed, such as carbon_black: the section of its product in config.ini without integration_.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(FeedCompleter))]
    public string Name { get; set; } = string.Empty;

    /// <summary>The file or the folder of the feed. A folder is created if its parent folder exists. Wildcards must match exactly one existing path.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = PathSet)]
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = PathFromStoreSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string Path { get; set; } = string.Empty;

    /// <summary>The file or the folder of the feed, taken literally.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet)]
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathFromStoreSet)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string LiteralPath { get; set; } = string.Empty;

    /// <summary>Threats from Get-PhishMeThreat, Sync-PhishMeIntelligence or ConvertFrom-PhishMeJson. Withdrawn ones are left out.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet, ValueFromPipeline = true)]
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet, ValueFromPipeline = true)]
    public Threat[] InputObject { get; set; } = [];

    /// <summary>Write the threats of the local store instead of those from the pipeline. Needs no session and no network.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathFromStoreSet)]
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathFromStoreSet)]
    public SwitchParameter FromStore { get; set; }

    /// <summary>The state file to read. Default: the one that the configuration names. Taken literally.</summary>
    [Parameter(ParameterSetName = PathFromStoreSet)]
    [Parameter(ParameterSetName = LiteralPathFromStoreSet)]
    [ValidateNotNullOrEmpty]
    public string? Store { get; set; }

    /// <summary>The config.ini that names the state file. Default: the one of the session, otherwise config.ini in the current location. Taken literally.</summary>
    [Parameter(ParameterSetName = PathFromStoreSet)]
    [Parameter(ParameterSetName = LiteralPathFromStoreSet)]
    [ValidateNotNullOrEmpty]
    public string? ConfigPath { get; set; }

    /// <summary>
    /// A connection to the database of a shared state, such as 'Host=db.example;Database=phishme;Username=reader', or the place of a secret that has it:
    /// env:NAME, file:PATH, secret:NAME. Instead of -Store and -ConfigPath. An account that may only read will do.
    /// </summary>
    [Parameter(ParameterSetName = PathFromStoreSet)]
    [Parameter(ParameterSetName = LiteralPathFromStoreSet)]
    [ValidateNotNullOrEmpty]
    public string? Connection { get; set; }

    /// <summary>Only threats of this product of the vendor. Default: both.</summary>
    [Parameter]
    public ThreatType? Type { get; set; }

    /// <summary>Only indicators of this impact or higher. Default: that of the feed.</summary>
    [Parameter]
    public Impact? MinimumImpact { get; set; }

    /// <summary>Include corollary indicators, which are for correlation only: senders, subjects, web components. Never block these.</summary>
    [Parameter]
    public SwitchParameter IncludeCorollary { get; set; }

    /// <summary>Days after its last publication for which a threat stays in the feed; 0 for no end. Default: that of the feed.</summary>
    [Parameter]
    [ValidateRange(0, 36_500)]
    public int? RetentionDays { get; set; }

    /// <summary>Rows of each file at most; 0 for all. Those of the highest impact and the newest stay, and a warning says how many were cut. Default: that of the feed.</summary>
    [Parameter]
    [ValidateRange(0, 10_000_000)]
    public int? MaximumRows { get; set; }

    /// <summary>
    /// Indicators that are never written: a domain includes its subdomains, a network its addresses, and both the URLs and e-mail addresses there; a URL;
    /// a hash, which includes its file. Empty entries and entries that begin with # are skipped.
    /// </summary>
    [Parameter]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public string[] AllowList { get; set; } = [];

    /// <summary>A text file with one AllowList entry per line. Taken literally.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? AllowListPath { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        var isLiteral = ParameterSetName is LiteralPathSet or LiteralPathFromStoreSet;
        DoOrEnd(
            () =>
            {
                var path = isLiteral ? ResolveFile(LiteralPath, Faults.PathInvalid) : OneOf(ResolveFiles(Path, Faults.PathInvalid));
                var allowed = AllowListPath is null ? AllowList : [.. AllowList, .. AllowListLines.Read(ResolveFile(AllowListPath, Faults.InputUnreadable))];
                if (!ShouldProcess(path, $"Write the feed {Name}"))
                {
                    return;
                }

                _store = FromStore ? OpenStore(ResolveStore(Store, ConfigPath, Connection, RunspaceSessions.Current)) : null;
                _feed = CreateEngine().CreateFeedWriter(new FeedOptions
                {
                    Name = Name,
                    Path = path,
                    MinimumImpact = MinimumImpact,
                    IncludeCorollary = IncludeCorollary,
                    Type = Type,
                    RetentionDays = RetentionDays,
                    MaximumRows = MaximumRows,
                    AllowList = allowed,
                });
            },
            isLiteral ? LiteralPath : Path);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (_feed is not null && _store is null)
        {
            DoOrEnd(() => Array.ForEach(InputObject, _feed.Add));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_feed is null)
        {
            return;
        }

        // A store that cannot be read to its end leaves the old files: what is missing in a feed would be unblocked.
        FeedSummary? summary = null;
        DoOrEnd(() => RunOperation((_, _, cancellation) =>
        {
            foreach (var threat in _store?.ReadThreats(new StoreQuery { Type = Type }, cancellation) ?? [])
            {
                cancellation.ThrowIfCancellationRequested();
                _feed.Add(threat);
            }

            summary = _feed.Complete(cancellation);
            return Task.CompletedTask;
        }));
        foreach (var warning in summary!.Warnings)
        {
            WriteWarning(warning);
        }

        if (summary.LeftOut.Total > 0)
        {
            WriteVerbose($"{summary.LeftOut.Total} indicators were left out of {summary.Name}: {summary.LeftOut}.");
        }

        Emit(summary);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _feed?.Dispose();
            _store?.Dispose();
        }

        base.Dispose(disposing);
    }

    private static string OneOf(IReadOnlyList<string> paths) => paths is [string path]
        ? path
        : throw new PhishMeException(Faults.PathInvalid, $"The path matches {paths.Count} files, but only one feed can be written.", paths[0]);
}
