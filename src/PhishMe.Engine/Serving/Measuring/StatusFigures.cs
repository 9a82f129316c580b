using PhishMe.Intelligence;

namespace PhishMe.Engine.Serving.Measuring;

/// <summary>The figures of an integration at any time: those of its last run, and what has become of it since.</summary>
internal static class StatusFigures
{
    /// <summary>The figures.</summary>
    public static IEnumerable<Figure> Of(IntegrationStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        return [.. status.Runs is [RunSummary last, ..] ? RunFigures.Of(last, status.LastSuccess) : [], .. SinceLastRun(status)];
    }

    /// <summary>Those that are not of a run.</summary>
    public static IEnumerable<Figure> SinceLastRun(IntegrationStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        if (status.PositionAge is TimeSpan age)
        {
            yield return Figure.Of("phishme_position_age_seconds", "Seconds since the last good run, which moved the position to the end of the changes.", Math.Round(age.TotalSeconds));
        }

        if (status.Store is StoreStatistics store)
        {
            yield return Figure.Of("phishme_store_threats", "Threats in the store that were not withdrawn.", store.Threats);
            yield return Figure.Of("phishme_store_threats_withdrawn", "Threats in the store that were withdrawn.", store.Withdrawn);
            yield return Figure.Of("phishme_store_indicators", "Indicators in the store of threats that were not withdrawn.", store.Indicators);
        }
    }
}
