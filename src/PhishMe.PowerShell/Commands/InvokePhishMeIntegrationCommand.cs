using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Pumping;

namespace PhishMe.PowerShell.Commands;

/// <summary>Runs the integration that a config.ini describes and emits exactly one summary, even when the run fails.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "PhishMeIntegration", SupportsShouldProcess = true)]
[OutputType(typeof(RunSummary))]
public sealed class InvokePhishMeIntegrationCommand : PhishMeCmdlet
{
    /// <summary>Path of the configuration file. Default: <c>config.ini</c> in the current location. Taken literally.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "Path", "conf", "config_file")]
    [ValidateNotNullOrEmpty]
    public string ConfigPath { get; set; } = "config.ini";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var startedAt = DateTimeOffset.UtcNow;
        var path = ConfigPath;
        try
        {
            path = ResolveFile(ConfigPath);
            if (!ShouldRun(path, out var dryRun))
            {
                return;
            }

            RunOperation(async (engine, writer, cancellation) =>
            {
                RunRequest request = new() { ConfigurationPath = path, DryRun = dryRun };
                await TellAsync(writer, await engine.RunAsync(request, writer, cancellation).ConfigureAwait(false)).ConfigureAwait(false);
            });
        }
        catch (PhishMeException exception)
        {
            // A scheduled run reads its exit code from the summary, so there is one even when the engine was not reached.
            WriteObject(NeverStarted(path, startedAt, exception.Fault));
            WriteError(ToErrorRecord(exception, path));
        }
    }

    // -WhatIf reads and says what a run would write; "No" to -Confirm does nothing at all.
    private bool ShouldRun(string path, out bool dryRun)
    {
        var yes = ShouldProcess(
            $"Running the integration configured by '{path}'.",
            $"Run the integration configured by '{path}'?",
            "PhishMe",
            out var reason);
        dryRun = reason == ShouldProcessReason.WhatIf;
        return yes || dryRun;
    }

    private static async Task TellAsync(PumpWriter writer, RunSummary summary)
    {
        foreach (var warning in summary.Warnings.Where(warning => !Repeats(warning, summary.Fault)))
        {
            await writer.WriteAsync(new PumpWarning(warning)).ConfigureAwait(false);
        }

        // The summary first: with -ErrorAction Stop the error ends the pipeline.
        await writer.WriteAsync(new PumpItem(summary)).ConfigureAwait(false);
        if (summary.Fault is Fault fault)
        {
            await writer.WriteAsync(new PumpFault(fault, summary.ConfigurationPath)).ConfigureAwait(false);
        }
    }

    // The summary lists what ended the run among its warnings; the error record says it already.
    private static bool Repeats(string warning, Fault? fault) =>
        fault is not null
        && (fault.Message.Contains(warning, StringComparison.Ordinal) || warning.Contains(fault.Message, StringComparison.Ordinal));

    // The engine did not get as far as a run id, and wrote nothing to any log.
    private static RunSummary NeverStarted(string path, DateTimeOffset startedAt, Fault fault) => new()
    {
        RunId = string.Empty,
        ConfigurationPath = path,
        StartedAt = startedAt,
        EndedAt = DateTimeOffset.UtcNow,
        ExitCode = fault.Kind.ExitCode,
        Fault = fault,
    };
}
