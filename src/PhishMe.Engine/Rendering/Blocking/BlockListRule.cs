using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering.Blocking;

/// <summary>
/// Decides what is safe to block. Lists, feeds, rows of CSV, STIX patterns and every product that blocks ask this one function; each of its conditions can
/// be lifted, and each names itself as the reason.
/// </summary>
/// <param name="options">What is wanted beyond the safe; null for nothing.</param>
/// <param name="allowList">What must never be blocked; null for nothing.</param>
internal sealed class BlockListRule(IndicatorFilter? options = null, AllowList? allowList = null)
{
    private static readonly IndicatorFilter _safe = new();

    private readonly IndicatorFilter _options = options ?? _safe;

    /// <summary>The rule with everything as it is by default.</summary>
    public static BlockListRule Default { get; } = new();

    /// <summary>Decides about an indicator of a threat.</summary>
    public BlockDecision Decide(Indicator indicator) => Decide(indicator, _options, allowList);

    /// <summary>Decides about a record; one hash on the allow list covers the file under its other hashes.</summary>
    public BlockDecision Decide(IndicatorRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return record.NormalizedValue is not string value
            ? new BlockDecision(LeftOutReason.Malformed)
            : Decide(record.Kind, value, record.Corollary, record.IsBenign, record.FileHashes, _options, allowList);
    }

    /// <summary>Decides about an indicator.</summary>
    /// <param name="indicator">The indicator.</param>
    /// <param name="options">What is wanted beyond the safe. Kinds and impacts are conditions of the caller and of no interest here.</param>
    /// <param name="allowList">What must never be blocked; null for nothing.</param>
    public static BlockDecision Decide(Indicator indicator, IndicatorFilter options, AllowList? allowList = null)
    {
        ArgumentNullException.ThrowIfNull(indicator);
        return indicator.NormalizedValue is not string value
            ? new BlockDecision(LeftOutReason.Malformed)
            : Decide(indicator.Kind, value, indicator.Corollary, VendorJudgement.IsBenign(indicator), FileHashes.None, options, allowList);
    }

    private static BlockDecision Decide(
        IndicatorKind kind, string value, bool isCorollary, bool isBenign, FileHashes file, IndicatorFilter options, AllowList? allowList)
    {
        LeftOutReason? reason =
            isCorollary && !options.IncludeCorollary ? LeftOutReason.Corollary
            : isBenign && !options.IncludeBenign ? LeftOutReason.Benign
            : !options.IncludePrivateAddresses && UnroutableHost.IsIn(kind, value) ? LeftOutReason.PrivateAddress
            : !options.IncludeEmptyFile && EmptyFile.IsHash(kind, value) ? LeftOutReason.EmptyFile
            : allowList is not null && IsAllowListed(allowList, kind, value, file) ? LeftOutReason.AllowListed
            : null;
        return new BlockDecision(reason);
    }

    private static bool IsAllowListed(AllowList allowList, IndicatorKind kind, string value, FileHashes file) =>
        allowList.Covers(kind, value)
        || (file != FileHashes.None && file.Known().Any(hash => allowList.Covers(IndicatorKind.Unknown, hash.Value)));
}
