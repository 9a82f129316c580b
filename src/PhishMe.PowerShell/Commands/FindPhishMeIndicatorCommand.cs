using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Binding;
using PhishMe.PowerShell.Completion;

namespace PhishMe.PowerShell.Commands;

/// <summary>Looks up values or whole log files in the local store or in a shared one, without the API.</summary>
[Cmdlet(VerbsCommon.Find, "PhishMeIndicator", DefaultParameterSetName = ValueSet)]
[OutputType(typeof(IndicatorMatch))]
public sealed class FindPhishMeIndicatorCommand : PhishMeStoreCmdlet
{
    private const string ValueSet = "Value";
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";

    private IIntelligenceStore? _store;
    private MatchFilter? _filter;
    private GatheredValues? _gathered;

    /// <summary>Domains, IP addresses, networks, URLs, e-mail addresses, hashes or subjects. They may be defanged; empty values are skipped.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ValueSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString]
    public string[] Value { get; set; } = [];

    /// <summary>Text files, such as logs. Everything in them that may be an indicator is looked up. UTF-8, UTF-16 or UTF-32; lines of any length. Wildcards are allowed.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>Text files, taken literally.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Only indicators of this impact or higher. Indicators without a rating, such as senders and subjects, are then left out.</summary>
    [Parameter]
    public Impact? MinimumImpact { get; set; }

    /// <summary>Only threats last published at this time or later. A time without a zone is UTC.</summary>
    [Parameter]
    public DateTime? Since { get; set; }

    /// <summary>Only indicators with one of these roles, such as C2. Wildcards are allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SeenRoleCompleter))]
    public string[] Role { get; set; } = [];

    /// <summary>Include withdrawn threats.</summary>
    [Parameter]
    public SwitchParameter IncludeWithdrawn { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _filter = new MatchFilter
        {
            MinimumImpact = MinimumImpact,
            Since = PointInTime.Of(Since),
            Roles = Role,
            IncludeWithdrawn = IncludeWithdrawn,
        };
        DoOrEnd(() => _store = OpenStore(ResolveStore()), Store ?? ConfigPath);
        _gathered = new GatheredValues(_store!.IsShared, TimeProvider.System);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        switch (ParameterSetName)
        {
            case ValueSet:
                if (_gathered!.Add(Value))
                {
                    LookUp();
                }

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
    protected override void EndProcessing() => LookUp();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _store?.Dispose();
        }

        base.Dispose(disposing);
    }

    private void LookUp()
    {
        if (_gathered!.Take() is { Count: > 0 } values)
        {
            DoOrEnd(() => Walk(cancellation => _store!.Find(values, _filter, NotUnderstood, cancellation), Emit), Store ?? ConfigPath);
        }

        _gathered.Done();
    }

    // Shown by file, with the line; a value has neither.
    private static PSObject InText(IndicatorMatch match)
    {
        PSObject row = new(match);
        row.TypeNames.Insert(0, typeof(IndicatorMatch).FullName + "#InText");
        return row;
    }

    private void NotUnderstood(string value) => WriteWarning(
        $"'{VisibleText.Of(value)}' is not a domain, address, network, URL, e-mail address or hash. It was compared with subjects only, and met none.");

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
                Walk(cancellation => _store!.FindInFile(file, _filter, cancellation), match => Emit(InText(match)));
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
