using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Exporting;

namespace PhishMe.PowerShell;

/// <summary>What the <c>Export-</c> cmdlets share: threats into one file, streaming, as UTF-8 without byte order mark and with LF.</summary>
public abstract class ThreatExportCmdlet : PhishMeCmdlet
{
    private protected const string PathSet = "Path";
    private protected const string LiteralPathSet = "LiteralPath";

    private ExportFile? _file;
    private IThreatDocument? _document;
    private int _leftOut;

    /// <summary>The file to write. Wildcards must lead to exactly one file that exists.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string Path { get; set; } = string.Empty;

    /// <summary>The file to write, taken as it is.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string LiteralPath { get; set; } = string.Empty;

    /// <summary>Write behind what the file holds already. Otherwise the file is replaced, once the last threat is in.</summary>
    [Parameter]
    public SwitchParameter Append { get; set; }

    /// <summary>Do not replace a file that is there already.</summary>
    [Parameter]
    [Alias("NoOverwrite")]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Write the file even if it is read-only.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Hand on what was exported, for the next command of the pipeline.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>How to render.</summary>
    private protected abstract RenderingOptions Rendering { get; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        string written = ParameterSetName.StartsWith(LiteralPathSet, StringComparison.Ordinal) ? LiteralPath : Path;
        try
        {
            string path = ParameterSetName.StartsWith(LiteralPathSet, StringComparison.Ordinal)
                ? ResolveFile(LiteralPath, Faults.PathInvalid)
                : OneOf(ResolveFiles(Path, Faults.PathInvalid));
            if (!ShouldProcess(path, Append ? $"Append threats as {Rendering.Format}" : $"Export threats as {Rendering.Format}"))
            {
                return;
            }

            IThreatRenderer renderer = CreateEngine().CreateRenderer(Rendering);
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
            RenderingResult result = _document.Add(threat);
            _leftOut += result.LeftOut;
            Guard(_file!.EndUnit);
        }

        if (PassThru)
        {
            WriteObject(passed);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_document is null)
        {
            return;
        }

        _document.Complete();
        Guard(_file!.Commit);
        if (_leftOut > 0)
        {
            WriteVerbose($"{_leftOut} indicators have no form in {Rendering.Format} and were left out.");
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file?.Dispose();
        }

        base.Dispose(disposing);
    }

    private static string OneOf(IReadOnlyList<string> files) => files is [string file]
        ? file
        : throw new PhishMeException(Faults.PathInvalid, $"The path leads to {files.Count} files; one is needed.", files[0]);

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
