using PhishMe.Engine.Configuration;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Running;

/// <summary>Spreads the load of many installations: one offset per installation, chosen once, slept before the lock is taken.</summary>
internal static class Jitter
{
    /// <param name="settings">The configuration.</param>
    /// <param name="save">Writes a newly chosen offset (minutes) to config.ini at once.</param>
    /// <param name="clock">Sleeps.</param>
    /// <param name="progress">Receives the wait; may be null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task WaitAsync(
        IntegrationSettings settings, Action<int> save, TimeProvider clock, IProgress<RunProgress>? progress, CancellationToken cancellationToken)
    {
        // Without a position this is a backfill, and no one wants to wait for that longer than needed.
        if (!settings.Jitter.Use || settings.Api.Position is null)
        {
            return;
        }

        if (settings.Jitter.OffsetMinutes is not int offset)
        {
#pragma warning disable CA5394 // Spreads load; no one gains by guessing it.
            offset = Random.Shared.Next(settings.Jitter.FrequencyMinutes);
#pragma warning restore CA5394
            save(offset);
        }

        if (offset > 0)
        {
            progress?.Report(new RunProgress { Activity = FormattableString.Invariant($"Waiting {offset} minute(s) (scheduler_offset)"), Done = 0 });
            await Task.Delay(TimeSpan.FromMinutes(offset), clock, cancellationToken).ConfigureAwait(false);
        }
    }
}
