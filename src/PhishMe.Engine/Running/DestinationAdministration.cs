using System.Runtime.CompilerServices;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations;
using PhishMe.Engine.Running.CatchingUp;
using PhishMe.Engine.Running.Checking;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Running;

/// <summary>Looks at the destinations of a configuration, and starts one over.</summary>
internal sealed class DestinationAdministration(EngineSettings engine, string configurationPath)
{
    /// <summary>Ids of those in use; empty when the configuration is not valid.</summary>
    public IReadOnlyList<string> Names => [.. (Reading().Settings?.Destinations ?? []).Select(destination => destination.Id.ToString())];

    /// <summary>Checks those of some names. No state is opened, and no lock is taken.</summary>
    /// <param name="names">Ids with or without wildcards; empty for all in use.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="PhishMeException">The file cannot be read, or there is no such destination.</exception>
    public async IAsyncEnumerable<CheckResult> CheckAsync(IReadOnlyList<string> names, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reading = Reading();
        if (reading.Settings is not IntegrationSettings settings)
        {
            foreach (var finding in reading.Fault!.Kind == Faults.ConfigurationInvalid
                ? reading.Findings.Where(finding => finding.Severity == FindingSeverity.Error)
                : throw FaultOf(reading))
            {
                yield return Checks.Of(finding);
            }

            yield break;
        }

        Destination[] chosen = [.. Chosen(settings, names)];
        await foreach (var result in new DestinationCheckup(engine, settings).RunAsync(chosen, cancellationToken).ConfigureAwait(false))
        {
            yield return result;
        }
    }

    /// <summary>Those in use, and those that the state still knows. Without the lock: looking must be possible while a run is under way.</summary>
    public async Task<IReadOnlyList<DestinationStatus>> ListAsync(CancellationToken cancellationToken)
    {
        var settings = Read();
        if (!engine.States.Exists(settings.State.Location))
        {
            return [.. settings.Destinations.Select(destination => StatusOf(destination, known: null, waiting: 0))];
        }

        try
        {
            using var state = engine.States.OpenReadOnly(settings.State.Location);
            return await ListAsync(settings, state, cancellationToken).ConfigureAwait(false);
        }
        catch (StateDamagedException exception)
        {
            throw Damaged(settings.State.Location.Name, exception);
        }
    }

    /// <summary>Forgets what a destination was given: the next run delivers everything to it again, and to no other.</summary>
    /// <exception cref="PhishMeException">There is no such destination, or a run is under way.</exception>
    public async Task<DestinationStatus> ResetAsync(string id, CancellationToken cancellationToken)
    {
        var settings = Read();
        var now = engine.Clock.GetUtcNow();
        using var held = RunLock.TryTake(settings.LockFile, $"reset of {id}", now)
            ?? throw new PhishMeException(Faults.RunLocked, "A run is under way.", settings.LockFile);
        try
        {
            if (!engine.States.Exists(settings.State.Location))
            {
                throw NotFound(id, settings);
            }

            using var state = engine.States.Open(settings.State.Location, engine.Step);
            await state.AdoptAsync([.. settings.Destinations.Select(destination => destination.Id)], cancellationToken).ConfigureAwait(false);
            var known = (await state.GetDestinationsAsync(cancellationToken).ConfigureAwait(false)).FirstOrDefault(destination => IsMeant(destination.Id, id, settings))
                ?? throw NotFound(id, settings);
            using (var transaction = await state.BeginAsync(cancellationToken).ConfigureAwait(false))
            {
                await transaction.ForgetAsync(known.Id).ConfigureAwait(false);
                await transaction.SetDestinationAsync(known with
                {
                    Commit = state.Commit,
                    Position = state.Cursor?.Position,
                    CatchUp = new CatchUp { Reason = CatchUpReason.Reset, StartedAt = now },
                    Fingerprint = null,
                    LastError = null,
                    LastErrorAt = null,
                }).ConfigureAwait(false);
                await transaction.CommitAsync().ConfigureAwait(false);
            }

            return (await ListAsync(settings, state, cancellationToken).ConfigureAwait(false)).Single(destination => destination.Id == known.Id.ToString());
        }
        catch (StateDamagedException exception)
        {
            throw Damaged(settings.State.Location.Name, exception);
        }
    }

    private static async Task<IReadOnlyList<DestinationStatus>> ListAsync(
        IntegrationSettings settings, IStateStore state, CancellationToken cancellationToken)
    {
        var known = (await state.GetDestinationsAsync(cancellationToken).ConfigureAwait(false)).ToDictionary(destination => destination.Id);
        var list = new List<DestinationStatus>();
        foreach (var destination in settings.Destinations)
        {
            var waiting = await state.GetQueueDepthAsync(destination.Id, cancellationToken).ConfigureAwait(false);
            known.Remove(destination.Id, out var offset);
            list.Add(StatusOf(destination, offset, waiting.Items) with
            {
                IsCurrent = offset is { CatchUp: null } && offset.Commit >= state.Commit,
                CatchingUp = offset?.CatchUp is CatchUp catchUp ? CatchUpText.Of(catchUp) : offset is not null && offset.Commit < state.Commit ? "was off; not begun" : null,
            });
        }

        foreach (var offset in known.Values.OrderBy(offset => offset.Id))
        {
            var waiting = await state.GetQueueDepthAsync(offset.Id, cancellationToken).ConfigureAwait(false);
            list.Add(new DestinationStatus
            {
                Id = offset.Id.ToString(),
                IsCurrent = false,
                Position = offset.Position,
                CatchingUp = offset.Id.Host is string host && host != settings.State.Shared?.Host ? $"files of host {host}" : "not in use",
                Waiting = waiting.Items,
                LastDeliveryAt = offset.LastDeliveryAt,
                LastError = offset.LastError,
                LastErrorAt = offset.LastErrorAt,
            });
        }

        return list;
    }

    private static DestinationStatus StatusOf(Destination destination, DestinationState? known, long waiting) => new()
    {
        Id = destination.Id.ToString(),
        Kind = destination.Kind,
        Section = destination.Section,
        Position = known?.Position,
        IsCurrent = false,
        CatchingUp = known is null ? "not delivered to yet" : null,
        Waiting = waiting,
        LastDeliveryAt = known?.LastDeliveryAt,
        LastError = known?.LastError,
        LastErrorAt = known?.LastErrorAt,
    };

    /// <summary>A name without a host means the files of this host.</summary>
    private static bool IsMeant(DestinationId destination, string name, IntegrationSettings settings) =>
        destination.ToString() == name || (destination.Host is string host && host == settings.State.Shared?.Host && destination.NameOnHost == name);

    private static PhishMeException NotFound(string id, IntegrationSettings settings) => new(
        Faults.DestinationNotFound, $"Nothing was ever delivered to a destination '{id}'.", settings.Path);

    private static PhishMeException Damaged(string path, StateDamagedException exception) =>
        new(Faults.StateUnavailable, "The state file is damaged; the next run sets it aside and rebuilds it.", path, exception);

    private static IEnumerable<Destination> Chosen(IntegrationSettings settings, IReadOnlyList<string> names)
    {
        foreach (var name in names.Where(name => !settings.Destinations.Any(destination => IsChosen([name], destination))))
        {
            throw NotInUse(name, settings);
        }

        return settings.Destinations.Where(destination => names.Count == 0 || IsChosen(names, destination));
    }

    private static bool IsChosen(IReadOnlyList<string> names, Destination destination) =>
        NamePattern.MatchesAny(names, destination.Id.ToString()) || NamePattern.MatchesAny(names, destination.Id.NameOnHost);

    /// <summary>No destination in use has this name.</summary>
    public static PhishMeException NotInUse(string name, IntegrationSettings settings) => new(
        Faults.DestinationNotFound,
        settings.Destinations.Count == 0
            ? $"There is no destination '{name}': the configuration has no destination in use."
            : $"There is no destination '{name}' in use. In use: {string.Join(", ", settings.Destinations.Select(destination => destination.Id.ToString()))}.",
        settings.Path);

    private static PhishMeException FaultOf(ConfigurationReading reading) => new(reading.Fault!.Kind, reading.Fault.Message, reading.Fault.Where);

    private ConfigurationReading Reading() => ConfigurationReader.Read(configurationPath, engine.Reading);

    private IntegrationSettings Read()
    {
        var reading = Reading();
        return reading.Settings ?? throw FaultOf(reading);
    }
}
