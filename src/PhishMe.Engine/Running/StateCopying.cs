using PhishMe.Engine.Configuration;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.Copying;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Running;

/// <summary>Copies the state of a configuration from its file to a shared one, or back. No run is under way meanwhile, on this host or, for the shared one, on any.</summary>
internal sealed class StateCopying(EngineSettings engine, StateCopyRequest request, IProgress<RunProgress>? progress)
{
    /// <exception cref="PhishMeException">A state cannot be used, a run is under way, or the target holds something else.</exception>
    public StateCopySummary Run(CancellationToken cancellationToken)
    {
        var context = engine.Reading;
        if (request.Connection is string connection)
        {
            context = context with { StateConnection = ConnectionParameter.Read(connection, context).Connection };
        }

        var reading = ConfigurationReader.Read(Path.GetFullPath(request.ConfigurationPath), context);
        var settings = reading.Settings ?? throw new PhishMeException(reading.Fault!.Kind, reading.Fault.Message, reading.Fault.Where);
        var shared = settings.State.Shared
            ?? throw new PhishMeException(Faults.StateNotFound, "No shared state is named: write connection in [state], or give one.", settings.Path);
        using var held = RunLock.TryTake(settings.LockFile, "copy of the state", engine.Clock.GetUtcNow())
            ?? throw new PhishMeException(Faults.RunLocked, "A run is under way and holds the state; nothing was copied.", settings.LockFile);
        try
        {
            var file = StateLocation.OfFile(settings.State.File);
            using var source = engine.States.OpenCopySource(request.ToShared ? file : settings.State.Location);
            using var target = engine.States.OpenCopyTarget(request.ToShared ? settings.State.Location : file);
            var copy = new StateCopy(source, target, new CopiedNames(settings.Destinations, shared.Host, request.ToShared), progress, engine.Step)
            {
                Origin = request.ToShared ? $"{shared.Host} {source.Name}" : source.Name,
            };
            var resumed = target.Notes is not null;
            return new StateCopySummary
            {
                Source = source.Name,
                Target = target.Name,
                Areas = [.. copy.Run(cancellationToken).Select(area => new NamedCount(area.Name, area.Rows))],
                Resumed = resumed,
            };
        }
        catch (StateDamagedException exception)
        {
            throw new PhishMeException(Faults.StateUnavailable, $"The state file is damaged: {exception.InnerException?.Message}", settings.State.File, exception);
        }
    }
}
