using PhishMe.Engine.Configuration;
using PhishMe.Engine.Sync;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Running;

/// <summary>What is to be fetched: for all destinations together, and for one alone that catches up.</summary>
internal sealed class SyncPlans(IntegrationSettings settings, EngineSettings engine, bool dryRun)
{
    /// <summary>For the sync. The store lives on JSON, whether or not a destination wants it.</summary>
    public SyncPlan Whole => PlanFor(settings.Destinations, settings.State.KeepThreats ? [OutputFormat.Json] : []) with
    {
        KeepThreats = settings.State.KeepThreats && !dryRun,
    };

    /// <summary>For one destination.</summary>
    public SyncPlan Of(Destination destination) => PlanFor([destination], []);

    private SyncPlan PlanFor(IReadOnlyList<Destination> destinations, IReadOnlyList<OutputFormat> besides)
    {
        Destination[] delivered = [.. destinations.Where(destination => destination.Kind != DestinationKind.Rebuilt)];
        return new SyncPlan
        {
            Products = settings.Products,
            Formats = delivered.Select(destination => destination.Format).Concat(besides).ToHashSet(),

            // What the API renders is passed on unchanged, so it wins where two destinations of a format differ.
            Local = delivered.Where(destination => destination.Format != OutputFormat.Json).GroupBy(destination => destination.Format)
                .Where(format => format.All(destination => destination.Source == OutputSource.Local)).Select(format => format.Key).ToHashSet(),
            IsStixBundle = settings.Outputs.Any(output => output is { Format: OutputFormat.Stix, StixVersion: StixVersion.Stix21 }),
            Marking = settings.Outputs.FirstOrDefault(output => output.Format == OutputFormat.Stix)?.Marking ?? TlpLevel.None,
            ValidDays = settings.Outputs.FirstOrDefault(output => output.Format == OutputFormat.Stix)?.ValidDays ?? 0,
            Scores = settings.Outputs.FirstOrDefault(output => output.Format == OutputFormat.Stix)?.Scores ?? ScoreTable.Usual,
            KeepModel = delivered.Any(destination => destination.IsMadeFromModel),
            Reader = engine.ThreatReader,
            InitialDate = settings.Api.InitialDate,
            ResultsPerPage = settings.Api.ResultsPerPage,
            Concurrency = settings.Api.ConcurrentRequests,
            ExpiredThreatDays = settings.Api.ExpiredThreatDays,
        };
    }
}
