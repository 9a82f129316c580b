using PhishMe.Engine.Indicators;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>
/// Of several hashes of one file those that become indicators: more indicators for the same file are no more detection. A file without any of the wanted
/// hashes is represented by the strongest it has. A hash of the watch list belongs to no file and is always taken.
/// </summary>
internal sealed class StixHashChoice(IReadOnlySet<IndicatorKind> wanted, Threat threat)
{
    private HashSet<string>? _lastResorts;

    /// <summary>Whether an indicator of the threat is taken; everything but hashes is.</summary>
    public bool Takes(Indicator indicator) =>
        !IndicatorKinds.Of(indicator.Kind).IsHash
        || wanted.Contains(indicator.Kind)
        || indicator.Source == IndicatorSource.WatchList
        || (_lastResorts ??= LastResorts()).Contains(indicator.NormalizedValue!);

    /// <summary>Whether an indicator that left the threat had been taken.</summary>
    public bool Took(Indicator removed) =>
        !IndicatorKinds.Of(removed.Kind).IsHash
        || wanted.Contains(removed.Kind)
        || removed.Source == IndicatorSource.WatchList
        || !threat.RemovedIndicators.Any(other => other.FileName == removed.FileName && wanted.Contains(other.Kind));

    private HashSet<string> LastResorts()
    {
        var values = new HashSet<string>(StringComparer.Ordinal);
        var files = threat.Files.Select(file => file.Hashes)
            .Concat(threat.Kits.Select(kit => kit.Hashes))
            .Concat(threat.Kits.SelectMany(kit => kit.Files).Select(file => file.Hashes))
            .Concat(threat.WebComponents.Select(component => component.Hashes));
        foreach (var hashes in files)
        {
            string? best = null;
            var enough = false;
            foreach ((var kind, var value) in hashes.Known())
            {
                if (IndicatorNormalizer.Normalize(kind, value) is { } normal && StixPattern.Of(kind, normal) is not null)
                {
                    enough |= wanted.Contains(kind);
                    best = kind == IndicatorKind.Ssdeep ? best ?? normal : normal;
                }
            }

            if (!enough && best is not null)
            {
                values.Add(best);
            }
        }

        return values;
    }
}
