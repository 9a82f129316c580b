using System.Runtime.CompilerServices;
using PhishMe.Engine.Destinations;
using PhishMe.Engine.Files;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;
using Serilog.Core;

namespace PhishMe.Engine.Running;

/// <summary>Would the target of a queued destination take what waits for it? Asks the sender of the destination; opens no state and changes nothing.</summary>
internal sealed class TargetCheck(EngineSettings engine, QueuedDestination destination)
{
    public async IAsyncEnumerable<CheckResult> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (sender, problem) = Open();
        if (sender is null)
        {
            yield return problem!;
            yield break;
        }

        await using (sender.ConfigureAwait(false))
        {
            var results = sender.CheckAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
            await using (results.ConfigureAwait(false))
            {
                while (await NextAsync(results).ConfigureAwait(false) is CheckResult result)
                {
                    yield return result with { Subject = $"[{destination.Section}] {result.Subject}" };
                    if (result == problem)
                    {
                        yield break;
                    }
                }
            }
        }

        async ValueTask<CheckResult?> NextAsync(IAsyncEnumerator<CheckResult> results)
        {
            try
            {
                return await results.MoveNextAsync().ConfigureAwait(false) ? results.Current : null;
            }
            catch (PhishMeException exception)
            {
                return problem = Failed("Target", exception);
            }
        }
    }

    private (IQueueSender? Sender, CheckResult? Problem) Open()
    {
        try
        {
            return (destination.Open(Host()).CreateSender(), null);
        }
        catch (PhishMeException exception)
        {
            return (null, Failed($"[{destination.Section}] Target", exception));
        }
    }

    private DestinationHost Host() => new()
    {
        Id = destination.Id,
        Clock = engine.Clock,
        Log = Logger.None,
        Version = engine.Version,
        DryRun = true,
        CommittedLength = _ => null,
        Ledger = new EmptyLedger(),
        Files = new PatientFiles(engine.Clock, engine.Files),
        Warn = _ => { },
    };

    private static CheckResult Failed(string subject, PhishMeException exception) =>
        new() { Subject = subject, Outcome = CheckOutcome.Fail, Message = exception.Fault.ToString() };

    /// <summary>Nothing is known of the target: a check opens no state.</summary>
    private sealed class EmptyLedger : IDestinationLedger
    {
        public Task<IReadOnlyDictionary<string, LedgerEntry>> GetAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyDictionary<string, LedgerEntry>>(new Dictionary<string, LedgerEntry>());

        public Task<IReadOnlyList<LedgerEntry>> GetExpiringAsync(DateTimeOffset? before, int most, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<LedgerEntry>>([]);

        public Task<long> CountAsync(CancellationToken cancellationToken) => Task.FromResult(0L);

        public Task UpdateAsync(IReadOnlyCollection<LedgerEntry> changed, IReadOnlyCollection<string> removedKeys, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("A check changes nothing.");
    }
}
