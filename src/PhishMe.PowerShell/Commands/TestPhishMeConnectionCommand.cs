using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Pumping;

namespace PhishMe.PowerShell.Commands;

/// <summary>Checks that the API is there, takes the credentials and agrees on the time; what is wrong is told as a result, not as an error.</summary>
[Cmdlet(VerbsDiagnostic.Test, "PhishMeConnection")]
[OutputType(typeof(CheckResult))]
[OutputType(typeof(bool))]
public sealed class TestPhishMeConnectionCommand : PhishMeSessionCmdlet
{
    /// <summary>Emit only whether nothing is wrong.</summary>
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
