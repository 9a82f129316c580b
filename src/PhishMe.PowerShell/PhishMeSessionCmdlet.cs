using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Completion;
using PhishMe.PowerShell.Pumping;

namespace PhishMe.PowerShell;

/// <summary>What all cmdlets share that talk to the API.</summary>
public abstract class PhishMeSessionCmdlet : PhishMeCmdlet
{
    /// <summary>The session to use. Default: the one of this runspace.</summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public PhishMeSession? Session { get; set; }

    /// <summary>The session; without one the command ends.</summary>
    /// <returns>The session.</returns>
    private protected PhishMeSession RequireSession()
    {
        if (FindSession() is PhishMeSession session)
        {
            return session;
        }

        ThrowTerminatingError(NoSession());
        return null!; // Not reached.
    }

    /// <summary>The session, if there is one that can be used.</summary>
    /// <returns>The session.</returns>
    private protected PhishMeSession? FindSession() => (Session ?? RunspaceSessions.Current) is { IsConnected: true } session ? session : null;

    /// <summary>The error about a session that is not there.</summary>
    /// <returns>The record.</returns>
    private protected ErrorRecord NoSession() => ToErrorRecord(
        new PhishMeException(Faults.NotConnected, Session is null ? "This runspace is not connected to the API." : "The session was disconnected."), Session);

    /// <summary>Hands over what came together: threats to the output, what was missed to the error stream.</summary>
    /// <param name="writer">Leads to the pipeline.</param>
    /// <param name="batch">What came.</param>
    /// <param name="session">Remembers names for tab completion.</param>
    /// <param name="taken">Receives each threat that the consumer has; may be null.</param>
    /// <returns>Completes when all is on its way.</returns>
    private protected static async Task TellAsync(PumpWriter writer, ThreatBatch batch, PhishMeSession session, Action<Threat>? taken = null)
    {
        await TellAsync(writer, batch.Missed).ConfigureAwait(false);
        foreach (var threat in batch.Threats)
        {
            session.Seen.Add(threat);
            await writer.WriteAsync(new PumpItem(threat, taken is null ? null : () => taken(threat))).ConfigureAwait(false);
        }
    }

    /// <summary>Writes an error for everything that was missed.</summary>
    /// <param name="writer">Leads to the pipeline.</param>
    /// <param name="missed">What was missed.</param>
    /// <returns>Completes when all is on its way.</returns>
    private protected static async Task TellAsync(PumpWriter writer, IReadOnlyList<MissedThreat> missed)
    {
        foreach (var miss in missed)
        {
            await writer.WriteAsync(new PumpFault(miss.Fault, miss.Subject)).ConfigureAwait(false);
        }
    }
}
