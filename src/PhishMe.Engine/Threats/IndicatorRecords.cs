using PhishMe.Intelligence;

namespace PhishMe.Engine.Threats;

/// <summary>Makes the canonical records of a threat.</summary>
internal static class IndicatorRecords
{
    /// <summary>
    /// The records of a threat in the order of its indicators, each kind and value once: of two that say the same, the one that is not corollary and has the
    /// higher impact. A withdrawn threat is all retractions; what its new version no longer has comes last, as retractions.
    /// </summary>
    /// <param name="threat">The threat.</param>
    /// <param name="leftOut">Counts values that are no well-formed instance of their kind: they have no record. Null when no one asks.</param>
    /// <param name="scores">The confidence where the vendor rated none; null for the usual one.</param>
    public static IReadOnlyList<IndicatorRecord> Of(Threat threat, LeftOutCounts? leftOut = null, ScoreTable? scores = null)
    {
        ArgumentNullException.ThrowIfNull(threat);
        var records = new List<IndicatorRecord>(threat.Indicators.Count);
        var places = new Dictionary<(IndicatorKind, string), int>(threat.Indicators.Count);
        var files = FilesByHash(threat);
        Add(threat.Indicators, threat.Withdrawn ? RecordOperation.Retract : RecordOperation.Upsert);
        Add(threat.RemovedIndicators, RecordOperation.Retract);
        return records;

        void Add(IReadOnlyList<Indicator> indicators, RecordOperation operation)
        {
            foreach (var indicator in indicators)
            {
                if (indicator.NormalizedValue is null && indicator.Kind != IndicatorKind.Unknown)
                {
                    leftOut?.Add(LeftOutReason.Malformed);
                    continue;
                }

                var key = (indicator.Kind, indicator.NormalizedValue ?? indicator.Value);
                if (!places.TryGetValue(key, out var place))
                {
                    places.Add(key, records.Count);
                    records.Add(RecordOf(threat, indicator, files, operation, scores ?? ScoreTable.Usual));
                }
                else if (operation == RecordOperation.Upsert && Outweighs(indicator, records[place]))
                {
                    records[place] = RecordOf(threat, indicator, files, operation, scores ?? ScoreTable.Usual);
                }
            }
        }
    }

    private static bool Outweighs(Indicator indicator, IndicatorRecord known) =>
        indicator.Corollary != known.Corollary ? known.Corollary : (indicator.Impact ?? (Impact)(-1)) > (known.Impact ?? (Impact)(-1));

    private static IndicatorRecord RecordOf(
        Threat threat, Indicator indicator, Dictionary<string, (FileHashes Hashes, string? Type)> files, RecordOperation operation, ScoreTable scores)
    {
        var file = MayBeHash(indicator.Kind) ? files.GetValueOrDefault(indicator.Value) : default;
        return new IndicatorRecord
        {
            ThreatId = threat.Id,
            Label = threat.Label,
            Summary = threat.ExecutiveSummary,
            FirstPublished = threat.FirstPublished,
            LastPublished = threat.LastPublished,
            Kind = indicator.Kind,
            Value = IndicatorValue.Of(indicator),
            NormalizedValue = indicator.NormalizedValue,
            Impact = indicator.Impact,
            Confidence = indicator.Confidence ?? scores.Of(indicator.Impact),
            Rated = indicator.Confidence,
            Role = indicator.Role,
            RoleDescription = indicator.RoleDescription,
            Family = indicator.Family,
            DeliveryMechanism = indicator.DeliveryMechanism,
            Subclass = indicator.Subclass,
            Brands = threat.Brands,
            FileName = indicator.FileName,
            FileType = file.Type,
            FileHashes = file.Hashes ?? FileHashes.None,
            PortalUrl = threat.ThreatDetailUri,
            ReportUrl = threat.HasReport ? threat.ReportUri : null,
            ApiReportUrl = threat.HasReport ? threat.ApiReportUri : null,
            IpDetail = indicator.IpDetail,
            Corollary = indicator.Corollary,
            IsBenign = VendorJudgement.IsBenign(indicator),
            Source = indicator.Source,
            Operation = operation,
        };
    }

    private static bool MayBeHash(IndicatorKind kind) => kind is not (IndicatorKind.Domain or IndicatorKind.IPv4 or IndicatorKind.IPv6
        or IndicatorKind.Url or IndicatorKind.Email or IndicatorKind.Subject);

    private static Dictionary<string, (FileHashes Hashes, string? Type)> FilesByHash(Threat threat)
    {
        var files = new Dictionary<string, (FileHashes, string?)>(StringComparer.Ordinal);
        foreach (var file in threat.Files)
        {
            Note(file.Hashes, file.Type);
        }

        foreach (var kit in threat.Kits)
        {
            Note(kit.Hashes, null);
            foreach (var file in kit.Files)
            {
                Note(file.Hashes, null);
            }
        }

        foreach (var component in threat.WebComponents)
        {
            Note(component.Hashes, null);
        }

        return files;

        void Note(FileHashes hashes, string? type)
        {
            foreach (var hash in hashes.Known())
            {
                files.TryAdd(hash.Value, (hashes, type));
            }
        }
    }
}
