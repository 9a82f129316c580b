using System.Runtime.CompilerServices;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations;
using PhishMe.Engine.Files;
using PhishMe.Engine.Running.Logging;
using PhishMe.Intelligence;
using Serilog.Core;

namespace PhishMe.Engine.Running.Checking;

/// <summary>
/// Would destinations take what a run delivers? Paths, permissions and free space for files; for targets in the network what their senders can ask without
/// writing anything there. No state file is opened, no lock is taken.
/// </summary>
internal sealed class DestinationCheckup(EngineSettings engine, IntegrationSettings settings)
{
    private readonly SecretMask _mask = new(settings);

    /// <summary>The results, destination by destination. They are asked at the same time: one that does not answer holds up no other.</summary>
    public async IAsyncEnumerable<CheckResult> RunAsync(IEnumerable<Destination> destinations, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<List<CheckResult>>[] checks = [.. destinations.Select(destination => CheckAsync(destination, stop.Token))];
        try
        {
            foreach (var check in checks)
            {
                foreach (var result in await check.ConfigureAwait(false))
                {
                    yield return result;
                }
            }
        }
        finally
        {
            // Whoever wants no more results must not leave connections behind.
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)Task.WhenAll(checks)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<List<CheckResult>> CheckAsync(Destination destination, CancellationToken cancellationToken)
    {
        var results = PlacesOf(destination).Select(place => PlaceCheck.Run(place.Key, place)).ToList();
        await AskAsync(destination, results, cancellationToken).ConfigureAwait(false);

        return
        [
            .. results.Select(result => result with
            {
                Destination = destination.Id.ToString(),
                Message = _mask.Hide(result.Message),
                NextStep = result.NextStep is string next ? _mask.Hide(next) : null,
            }),
        ];
    }

    /// <summary>Feed files are replaced as a whole, so it is their folder that counts.</summary>
    private static IEnumerable<WrittenPlace> PlacesOf(Destination destination) => destination.Places.Count > 0
        ? destination.Places
        : FilesOf(destination).Select(Path.GetDirectoryName).OfType<string>().Distinct(StringComparer.Ordinal)
            .Select(folder => new WrittenPlace($"[{destination.Section}]", folder, IsFolder: true));

    private static IReadOnlyList<string> FilesOf(Destination destination) => destination switch
    {
        RebuiltDestination rebuilt => rebuilt.Files,
        TransactionalDestination appended => appended.Files,
        _ => [],
    };

    private async Task AskAsync(Destination destination, List<CheckResult> results, CancellationToken cancellationToken)
    {
        try
        {
            switch (destination)
            {
                case QueuedDestination queued:
                    var sender = queued.Open(HostOf(destination, results)).CreateSender();
                    await using (sender.ConfigureAwait(false))
                    {
                        results.AddRange(await sender.CheckAsync(cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false));
                    }

                    break;
                case RebuiltDestination rebuilt:
                    results.AddRange(await rebuilt.Open(HostOf(destination, results)).CheckAsync(cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false));
                    break;
            }
        }
        catch (PhishMeException exception)
        {
            results.Add(Checks.Fail("Settings", exception.Fault));
        }
    }

    private DestinationHost HostOf(Destination destination, List<CheckResult> results) => new()
    {
        Id = destination.Id,
        Files = new PatientFiles(engine.Clock, engine.Files),
        Warn = warning => results.Add(Checks.Warn("Settings", warning, $"Check [{destination.Section}].")),
        Clock = engine.Clock,
        Log = Logger.None,
        Version = engine.Version,
        DryRun = true,
        CommittedLength = _ => null,
        Ledger = new NoLedger(),
        Step = engine.Step,
    };
}
