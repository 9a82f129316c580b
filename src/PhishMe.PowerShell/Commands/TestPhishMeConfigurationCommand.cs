using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Pumping;

namespace PhishMe.PowerShell.Commands;

/// <summary>Checks configuration files and reports all errors and warnings, without connecting anywhere.</summary>
[Cmdlet(VerbsDiagnostic.Test, "PhishMeConfiguration", DefaultParameterSetName = PathSet)]
[OutputType(typeof(ConfigurationReport), ParameterSetName = [PathSet, LiteralPathSet])]
[OutputType(typeof(bool), ParameterSetName = [PathSet, LiteralPathSet])]
public sealed class TestPhishMeConfigurationCommand : PhishMeCmdlet
{
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";

    // Rules of the engine that say the file was not read at all, and the error each stands for.
    private static readonly Dictionary<string, FaultKind> NotRead = new(StringComparer.Ordinal)
    {
        ["FileNotFound"] = Faults.ConfigurationNotFound,
        ["FileUnreadable"] = Faults.ConfigurationUnreadable,
    };

    /// <summary>Paths of configuration files. Wildcards are allowed. Default: <c>config.ini</c> in the current location.</summary>
    [Parameter(Position = 0, ParameterSetName = PathSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = ["config.ini"];

    /// <summary>Paths of configuration files, taken literally.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Emit only true or false: whether a run would start.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var literal = ParameterSetName == LiteralPathSet;
        foreach (var path in literal ? LiteralPath : Path)
        {
            try
            {
                foreach (var file in literal ? [ResolveFile(path)] : ResolveFiles(path))
                {
                    TestFile(file);
                }
            }
            catch (PhishMeException exception)
            {
                // One path that fails must not hide the findings of the others.
                WriteError(ToErrorRecord(exception, path));
                if (Quiet)
                {
                    WriteObject(false);
                }
            }
        }
    }

    private void TestFile(string file) => RunOperation(async (engine, writer, _) =>
    {
        var report = engine.TestConfiguration(file);
        ThrowIfNotRead(report);
        await writer.WriteAsync(new PumpItem(Quiet ? report.IsValid : report)).ConfigureAwait(false);
    });

    // A path that leads nowhere is a mistake in the command, not in a configuration.
    private static void ThrowIfNotRead(ConfigurationReport report)
    {
        foreach (var finding in report.Findings)
        {
            if (NotRead.TryGetValue(finding.Id, out var kind))
            {
                throw new PhishMeException(kind, finding.Message, report.Path);
            }
        }
    }
}
