using System.Globalization;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Running;

/// <summary>Opens the state of a run. A damaged file is set aside, never overwritten, and a new one is begun.</summary>
internal sealed class StateRecovery(EngineSettings engine, RunReport report, bool dryRun)
{
    /// <exception cref="PhishMeException">The state cannot be used.</exception>
    public IStateStore Open(IntegrationSettings settings)
    {
        var location = settings.State.Location;
        if (dryRun)
        {
            return engine.States.OpenCopy(location);
        }

        if (location.Shared is null && settings.Api.Position is not null && File.Exists(location.File) && !engine.States.Exists(location))
        {
            report.Warn($"The state file {location.File} is empty, so earlier runs are unknown. {WithoutState(settings)}");
        }

        try
        {
            return engine.States.Open(location, engine.Step);
        }
        catch (StateDamagedException exception)
        {
            return Rebuild(settings, exception);
        }
    }

    /// <summary>Sets the damaged file aside and begins a new one.</summary>
    public IStateStore Rebuild(IntegrationSettings settings, StateDamagedException exception)
    {
        var location = settings.State.Location;
        var path = location.File;
        var aside = string.Create(CultureInfo.InvariantCulture, $"{path}.damaged-{report.StartedAt:yyyyMMddTHHmmss}");
        engine.States.SetAside(location, aside);
        report.Warn($"The state file {path} is damaged ({exception.InnerException?.Message}) and was set aside as {aside}. {WithoutState(settings)}");
        return engine.States.Open(location, engine.Step);
    }

    private static string WithoutState(IntegrationSettings settings) => settings.Api.Position is null
        ? "There is no position, so a new backfill starts and delivers everything again."
        : "The run continues from the position in the configuration file; the latest threats may be delivered again.";
}
