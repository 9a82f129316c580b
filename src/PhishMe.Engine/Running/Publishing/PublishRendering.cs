using PhishMe.Engine.Api;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Sync;
using PhishMe.Intelligence;
using Serilog;

namespace PhishMe.Engine.Running.Publishing;

/// <summary>
/// Adds the format that a destination wants, by the same renderer as in a run: a rendition with other bytes would be delivered again by the next run. So the
/// API is asked where it renders, and not at all otherwise.
/// </summary>
internal sealed class PublishRendering(EngineSettings engine, IntegrationSettings settings, Destination destination, ILogger log) : IDisposable
{
    private readonly SyncPlan _plan = new SyncPlans(settings, engine, dryRun: false).Of(destination);
    private readonly bool _runsHaveJson = new SyncPlans(settings, engine, dryRun: false).Whole.Downloads.Contains(OutputFormat.Json);
    private ThreatHqClient? _client;

    /// <returns>The threats that could be rendered.</returns>
    /// <exception cref="ApiException">The API cannot be reached, or refuses.</exception>
    public async Task<IReadOnlyList<ThreatUnit>> RenderAsync(IReadOnlyList<ThreatUnit> units, PublishedItems items, CancellationToken cancellationToken)
    {
        if (units.Count == 0 || _plan.Formats.SetEquals([OutputFormat.Json]))
        {
            return units;
        }

        using var fetched = new FetchedThreats();
        var downloads = _plan.Downloads.Where(format => format != OutputFormat.Json).ToHashSet();
        if (downloads.Count == 0)
        {
            var local = new LocalRendering(_plan);
            units = [.. units.Select(unit => local.AddTo(unit, fetched.SetAside))];
        }
        else
        {
            _client ??= new ThreatHqClient(settings.Api, settings.Proxy, $"PhishMe.PowerShell/{engine.Version} ({destination.Name})", engine.Timings, engine.Clock, log);

            // A run that downloads no JSON knows no more of a threat than what its rendition says, and compares that.
            units = await new RenditionFetcher(_client, _plan, log).RenderAsync(
                _runsHaveJson ? units : [.. units.Select(unit => new ThreatUnit { Id = unit.Id })], downloads, fetched, cancellationToken).ConfigureAwait(false);
        }

        foreach (var letter in fetched.SetAside)
        {
            if (letter.Id is ThreatId id)
            {
                items.Set(id, PublishOutcome.Skipped, letter.Reason);
            }
        }

        return [.. units.Where(unit => unit.In(destination.Format) is not null)];
    }

    public void Dispose() => _client?.Dispose();
}
