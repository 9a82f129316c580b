using System.Buffers;
using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Binding;
using PhishMe.PowerShell.Exporting;

namespace PhishMe.PowerShell.Commands;

/// <summary>Saves the Active Threat Report of a malware threat to a file and emits the file.</summary>
[Cmdlet(VerbsCommon.Get, "PhishMeReport", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class GetPhishMeReportCommand : PhishMeSessionCmdlet
{
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";

    private readonly HashSet<string> _written = new(StringComparer.Ordinal);

    /// <summary>Ids of malware threats.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ThreatId")]
    [ValidateNotNullOrEmpty]
    [ThreatIdArgument]
    public string[] Id { get; set; } = [];

    /// <summary>An existing folder for files that are named after the ids, or a file. Default: the current folder.</summary>
    [Parameter(ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string Path { get; set; } = ".";

    /// <summary>The folder or file, taken literally.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string LiteralPath { get; set; } = string.Empty;

    /// <summary>The format.</summary>
    [Parameter]
    public ReportFormat Format { get; set; }

    /// <summary>Do not replace an existing file.</summary>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var session = RequireSession();
        var place = string.Empty;
        DoOrEnd(() => place = Place(), ParameterSetName == PathSet ? Path : LiteralPath);
        foreach (var text in Id)
        {
            try
            {
                var id = ThreatIdReading.Read(text, ThreatType.Malware);
                Save(session, id, FileFor(id, place));
            }
            catch (PhishMeException exception)
            {
                // One report that is missing must not cost the others.
                WriteError(ToErrorRecord(exception, text));
            }
        }
    }

    private string Place()
    {
        if (ParameterSetName == LiteralPathSet)
        {
            return ResolveFile(LiteralPath, Faults.PathInvalid);
        }

        return ResolveFiles(Path, Faults.PathInvalid) is [string only]
            ? only
            : throw new PhishMeException(Faults.PathInvalid, "The path matches more than one file or folder.", Path);
    }

    private string FileFor(ThreatId id, string place)
    {
#pragma warning disable CA1308 // Extensions are written in lower case.
        var file = Directory.Exists(place) ? System.IO.Path.Combine(place, $"{id}.{Format.ToString().ToLowerInvariant()}") : place;
#pragma warning restore CA1308
        return _written.Contains(file)
            ? throw new PhishMeException(Faults.FileExists, "Another report was just written to this file. Name a folder if there are several reports.", file)
            : file;
    }

    private void Save(PhishMeSession session, ThreatId id, string file)
    {
        if (!ShouldProcess(file, $"Write the report of {id}"))
        {
            return;
        }

        RunOperation(async (_, _, cancellation) =>
        {
            // Opened first: a file that must not be replaced costs no request.
            using var output = ExportFile.Open(file, append: false, NoClobber, force: false);
            var report = await session.Port.GetReportAsync(id, Format, cancellation).ConfigureAwait(false);
            output.Output.Write(report.Span);
            output.Commit();
        });
        _written.Add(file);

        // As Get-Item gives it, with what the view of files shows.
        WriteObject(InvokeProvider.Item.Get([file], force: true, literalPath: true), enumerateCollection: true);
    }
}
