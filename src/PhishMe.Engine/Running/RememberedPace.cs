using PhishMe.Engine.Network;
using PhishMe.Engine.Storage;

namespace PhishMe.Engine.Running;

/// <summary>Carries what a run found out about the host to the next run, by the state file.</summary>
internal static class RememberedPace
{
    /// <summary>
    /// What was found out longer ago is not used: a run then meets the host like a new one. Runs that have little to do find nothing out, so this is the
    /// time between two busy runs and not between two runs.
    /// </summary>
    public static readonly TimeSpan Validity = TimeSpan.FromDays(7);

    /// <summary>Lets a client start where the last run ended. Without effect once it has sent a request.</summary>
    public static async Task UseAsync(IStateStore state, IPacedHost host, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // A clock that was set back makes it look as if it came from the future.
        if (await state.GetPaceAsync(host.Host, cancellationToken).ConfigureAwait(false) is HostPace known && (now - known.LearntAt).Duration() <= Validity)
        {
            host.StartFrom(new LearntPace(known.InFlight, known.PerSecond));
        }
    }

    /// <summary>Remembers what a client found out, if anything.</summary>
    public static async Task SaveAsync(IStateStore state, IPacedHost host, DateTimeOffset now)
    {
        if (host.Pace is { } found)
        {
            await state.SetPaceAsync(new HostPace(host.Host, found.InFlight, found.PerSecond, now), CancellationToken.None).ConfigureAwait(false);
        }
    }
}
