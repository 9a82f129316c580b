using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Completion;

namespace PhishMe.PowerShell.Commands;

/// <summary>Looks values or whole log files up in the local store, without the network.</summary>
[Cmdlet(VerbsCommon.Find, "PhishMeIndicator", DefaultParameterSetName = ValueSet)]
[OutputType(typeof(IndicatorMatch))]
public sealed class FindPhishMeIndicatorCommand : PhishMeStoreCmdlet
{
    private const string ValueSet = "Value";
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";

    private IIntelligenceStore? _store;
    private MatchFilter? _filter;

    /// <summary>Domains, addresses, networks, URLs, e-mail addresses, hashes or subjects, also defanged; blank ones are passed over.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ValueSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString]
    public string[] Value { get; set; } = [];

    /// <summary>Text files, such as logs, in which everything is looked up that may be an indicator: UTF-8, UTF-16 or UTF-32, lines of any length.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>The same, taken as they are.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>The lowest impact of indicators that count. With it what is not rated is left out, such as senders and subjects.</summary>
    [Parameter]
    public Impact? MinimumImpact { get; set; }

    /// <summary>Only threats published last at this time or later.</summary>
    [Parameter]
    public DateTime? Since { get; set; }

    /// <summary>Only indicators with one of these roles, such as C2.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SeenRoleCompleter))]
    public string[] Role { get; set; } = [];

    /// <summary>Also what was withdrawn.</summary>
    [Parameter]
    public SwitchParameter IncludeWithdrawn { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _filter = new MatchFilter
        {
            MinimumImpact = MinimumImpact,
            Since = Since is DateTime since ? new DateTimeOffset(since) : null,
            Roles = Role,
            IncludeWithdrawn = IncludeWithdrawn,
        };
        DoOrEnd(() => _store = OpenStore(ResolveStore()), Store ?? ConfigPath);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        switch (ParameterSetName)
        {
            case ValueSet:
                DoOrEnd(
                    () => Walk(
                        cancellation => _store!.Find(Array.FindAll(Value, value => !string.IsNullOrWhiteSpace(value)), _filter, cancellation),
                        WriteObject),
                    Store ?? ConfigPath);
                break;
            case PathSet:
                foreach (var path in Path)
                {
                    Search(path, () => ResolveFiles(path, Faults.InputUnreadable).Where(file => !Directory.Exists(file) || file == path));
                }

                break;
            default:
                foreach (var path in LiteralPath)
                {
                    Search(path, () => [ResolveFile(path, Faults.InputUnreadable)]);
                }

                break;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _store?.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Search(string written, Func<IEnumerable<string>> resolve)
    {
        IEnumerable<string> files;
        try
        {
            files = resolve();
        }
        catch (PhishMeException exception)
        {
            WriteError(ToErrorRecord(exception, written));
            return;
        }

        foreach (var file in files)
        {
            try
            {
                Walk(cancellation => _store!.FindInFile(file, _filter, cancellation), WriteObject);
            }
            catch (PhishMeException exception) when (exception.Fault.Kind == Faults.InputUnreadable)
            {
                // One log that is missing must not cost the others.
                WriteError(ToErrorRecord(exception, file));
            }
            catch (PhishMeException exception)
            {
                ThrowTerminatingError(ToErrorRecord(exception, Store ?? ConfigPath));
            }
        }
    }
}
