using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace PhishMe.PowerShell;

/// <summary>The session that each runspace uses by default. A runspace that is gone takes its entry with it.</summary>
internal static class RunspaceSessions
{
    private static readonly ConditionalWeakTable<Runspace, PhishMeSession> Sessions = [];

    /// <summary>The session of the runspace this thread works for; null when there is none.</summary>
    public static PhishMeSession? Current
    {
        get => Runspace.DefaultRunspace is Runspace runspace && Sessions.TryGetValue(runspace, out var session) ? session : null;
        set
        {
            if (Runspace.DefaultRunspace is not Runspace runspace)
            {
                return;
            }

            if (value is null)
            {
                Sessions.Remove(runspace);
            }
            else
            {
                Sessions.AddOrUpdate(runspace, value);
            }
        }
    }
}
