using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Exporting;

namespace PhishMe.PowerShell;

/// <summary>
/// What the <c>Export-</c> cmdlets share: threats of the pipeline or of the local store into one file, streaming, as UTF-8 without byte order mark and
/// with LF.
/// </summary>
public abstract class ThreatExportCmdlet : ThreatRenderingCmdlet
{
    private protected const string PathSet = "Path";
    private protected const string LiteralPathSet = "LiteralPath";
    private protected const string PathFromStoreSet = "PathFromStore";
    private protected const string LiteralPathFromStoreSet = "LiteralPathFromStore";

    private ExportFile? _file;
    private IThreatDocument? _document;
    private IIntelligenceStore? _store;
    private RenderingOptions? _rendering;
    private readonly LeftOutCounts _leftOut = new();

    /// <summary>The file to write. Wildcards must match exactly one existing file.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathFromStoreSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string Path { get; set; } = string.Empty;

    /// <summary>The file to write, taken literally.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet)]
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathFromStoreSet)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string LiteralPath { get; set; } = string.Empty;

    /// <summary>Export the threats of the local store instead of those from the pipeline. Needs no session and no network.</summary>
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

    /// <summary>Include withdrawn threats, written the way the format announces a withdrawal: a CEF event, revoked STIX 2.1 objects, deleted MISP attributes. Lists and STIX 1.1.1 contain nothing of them.</summary>
    [Parameter(ParameterSetName = PathFromStoreSet)]
    [Parameter(ParameterSetName = LiteralPathFromStoreSet)]
    public SwitchParameter IncludeWithdrawn { get; set; }

    /// <summary>Append to the file. Without it, the file is replaced when the last threat has been written.</summary>
    [Parameter]
    public SwitchParameter Append { get; set; }

    /// <summary>Do not replace an existing file.</summary>
    [Parameter]
    [Alias("NoOverwrite")]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Write the file even if it is read-only.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Pass the threats on to the next command in the pipeline.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        var written = ParameterSetName.StartsWith(LiteralPathSet, StringComparison.Ordinal) ? LiteralPath : Path;
        try
        {
            var path = ParameterSetName.StartsWith(LiteralPathSet, StringComparison.Ordinal)
                ? ResolveFile(LiteralPath, Faults.PathInvalid)
                : OneOf(ResolveFiles(Path, Faults.PathInvalid));
            if (!ShouldProcess(path, Append ? $"Append threats as {Form.Format}" : $"Export threats as {Form.Format}"))
            {
                return;
            }

            _rendering = Rendering();
            var renderer = CreateEngine().CreateRenderer(_rendering);

            // Before the file, which must not be made for nothing.
            _store = FromStore ? OpenStore(ResolveStore(Store, ConfigPath, Connection, RunspaceSessions.Current)) : null;
            _file = ExportFile.Open(path, Append, NoClobber, Force);
            _document = renderer.Begin(_file.Output, _file.IsContinued);
        }
        catch (PhishMeException exception)
        {
            ThrowTerminatingError(ToErrorRecord(exception, written));
        }
    }

    /// <summary>Writes a threat.</summary>
    /// <param name="threat">The threat.</param>
    /// <param name="passed">What <see cref="PassThru"/> hands on.</param>
    private protected void Export(Threat threat, object passed)
    {
        if (_document is not null)
        {
            var result = _document.Add(threat);
            _leftOut.Add(result.Reasons);
            Guard(_file!.EndUnit);
        }

        if (PassThru)
        {
            Emit(passed);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_document is null)
        {
            return;
        }

        if (_store is not null)
        {
            DoOrEnd(() => Walk(cancellation => _store.ReadThreats(Stored(_rendering!), cancellation), threat => Export(threat, threat)), Store ?? ConfigPath);
        }

        _document.Complete();
        Guard(_file!.Commit);
        if (_leftOut.Total > 0)
        {
            WriteVerbose($"{_leftOut.Total} indicators were left out of {Form.Format}: {_leftOut}.");
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file?.Dispose();
            _store?.Dispose();
        }

        base.Dispose(disposing);
    }

    private static string OneOf(IReadOnlyList<string> files) => files is [string file]
        ? file
        : throw new PhishMeException(Faults.PathInvalid, $"The path matches {files.Count} files, but only one can be written.", files[0]);

    // The renderer has the last word on each threat; the index spares reading most of those it would leave out.
    private StoreQuery Stored(RenderingOptions wanted) => new()
    {
        Type = wanted.Type,
        Since = wanted.Since,
        Until = wanted.Until,
        Families = wanted.Families.Any(NamePattern.HasWildcard) ? [] : wanted.Families,
        MinimumImpact = wanted.MinimumImpact,
        Roles = wanted.Roles.Any(NamePattern.HasWildcard) ? [] : wanted.Roles,
        IncludeWithdrawn = IncludeWithdrawn,
    };

    private void Guard(Action work)
    {
        try
        {
            work();
        }
        catch (PhishMeException exception)
        {
            ThrowTerminatingError(ToErrorRecord(exception, exception.Fault.Where));
        }
    }
}
