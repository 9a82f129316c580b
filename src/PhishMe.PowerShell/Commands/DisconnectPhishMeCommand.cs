using System.Management.Automation;

namespace PhishMe.PowerShell.Commands;

/// <summary>Ends the session of this runspace, or the one given.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "PhishMe")]
[OutputType(typeof(void))]
public sealed class DisconnectPhishMeCommand : PhishMeSessionCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (FindSession() is not PhishMeSession session)
        {
            // A script that cleans up goes on.
            WriteError(NoSession());
            return;
        }

        RunOrEnd((_, _, _) => session.CloseAsync().AsTask(), session);
        if (RunspaceSessions.Current == session)
        {
            RunspaceSessions.Current = null;
        }
    }
}
