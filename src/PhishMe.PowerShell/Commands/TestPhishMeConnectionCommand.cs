using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Pumping;

namespace PhishMe.PowerShell.Commands;

/// <summary>Checks that the API is reachable, that it accepts the credentials, and that the clocks match. A failed check is a result, not an error.</summary>
[Cmdlet(VerbsDiagnostic.Test, "PhishMeConnection")]
[OutputType(typeof(CheckResult))]
[OutputType(typeof(bool))]
public sealed class TestPhishMeConnectionCommand : PhishMeSessionCmdlet
{
    /// <summary>Emit only true or false: whether every check passed.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var session = RequireSession();
        RunOrEnd(
            async (_, writer, cancellation) =>
            {
                var good = true;
                await foreach (var result in session.Port.CheckAsync(cancellation).ConfigureAwait(false))
                {
                    good &= result.Outcome != CheckOutcome.Fail;
                    if (!Quiet)
                    {
                        await writer.WriteAsync(new PumpItem(result)).ConfigureAwait(false);
                    }
                }

                if (Quiet)
                {
                    await writer.WriteAsync(new PumpItem(good)).ConfigureAwait(false);
                }
            },
            session);
    }
}
