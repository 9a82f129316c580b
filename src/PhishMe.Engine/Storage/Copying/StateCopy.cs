using System.Globalization;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Copying;

/// <summary>
/// Copies a state into one of another kind. Rows are copied area by area, each in one transaction that notes its digest; the index is made anew from the stored
/// threats, because each kind keeps it in a way of its own. A copy that was killed goes on with the area that was not done. At the end every area of both sides,
/// and both indexes, are read and compared.
/// </summary>
/// <param name="source">The state.</param>
/// <param name="target">The copy.</param>
/// <param name="names">What texts become in the copy.</param>
/// <param name="progress">Receives how far it is; may be null.</param>
/// <param name="step">Receives the name of each step: the seam at which tests kill it. Null in production.</param>
internal sealed class StateCopy(ICopySource source, ICopyTarget target, ICopiedNames names, IProgress<RunProgress>? progress, Action<string>? step)
{
    private const string SourceNote = "source";
    private const string IndexNote = "index";
    private const string IndexDone = "done";
    private const int ThreatsAtOnce = 256;

    private readonly List<string> _areas = [.. source.Areas.Keys.Intersect(target.Areas.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>What tells this copy from others.</summary>
    public required string Origin { get; init; }

    /// <summary>Copies what is not copied yet, compares, and completes the copy.</summary>
    /// <exception cref="PhishMeException">The target is not empty, or holds the copy of another state; a state cannot be used; or the copy is not like the original.</exception>
    public IReadOnlyList<CopiedArea> Run(CancellationToken cancellationToken)
    {
        var notes = Begin();
        var changed = false;
        var digests = new Dictionary<string, AreaDigest>(StringComparer.Ordinal);
        for (var i = 0; i < _areas.Count; i++)
        {
            Report($"Copying {_areas[i]}", i, _areas.Count);
            changed |= CopyArea(_areas[i], notes, digests, cancellationToken);
        }

        MakeIndex(changed ? null : notes.GetValueOrDefault(IndexNote), cancellationToken);
        Compare(digests, cancellationToken);
        step?.Invoke("copy-compared");
        target.Complete();
        step?.Invoke("copy-complete");
        return [.. digests.Select(digest => new CopiedArea(digest.Key, digest.Value.Rows))];
    }

    private IReadOnlyDictionary<string, string> Begin()
    {
        if (target.Notes is { } notes)
        {
            return notes.GetValueOrDefault(SourceNote) == Origin
                ? notes
                : throw new PhishMeException(
                    Faults.StateNotEmpty, $"The target holds an unfinished copy of another state ({notes.GetValueOrDefault(SourceNote)}). Complete that copy, or remove it.", target.Name);
        }

        if (!target.IsEmpty)
        {
            throw new PhishMeException(Faults.StateNotEmpty, "The target holds a state already. Nothing was copied.", target.Name);
        }

        target.Begin(SourceNote, Origin);
        step?.Invoke("copy-begun");
        return new Dictionary<string, string>(StringComparer.Ordinal);
    }

    /// <returns>Whether anything was written.</returns>
    private bool CopyArea(string area, IReadOnlyDictionary<string, string> notes, Dictionary<string, AreaDigest> digests, CancellationToken cancellationToken)
    {
        var columns = ColumnsOf(area);
        if (notes.TryGetValue(area, out var done))
        {
            var now = DigestOf(SourceRows(area, columns), cancellationToken);
            if (now.ToString() == done)
            {
                digests.Add(area, now);
                return false;
            }
        }

        var digest = new AreaDigest();
        target.Replace(area, columns, Digested(SourceRows(area, columns), digest, cancellationToken), digest.ToString);
        digests.Add(area, digest);
        step?.Invoke($"copied-{area}");
        return true;
    }

    private void MakeIndex(string? reached, CancellationToken cancellationToken)
    {
        if (reached == IndexDone)
        {
            return;
        }

        if (reached is null)
        {
            target.ClearIndex();
        }

        var last = reached is null ? long.MinValue : long.Parse(reached, CultureInfo.InvariantCulture);
        long done = 0;
        IReadOnlyList<(long Key, byte[]? Json)> page;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            page = target.ReadJson(last, ThreatsAtOnce);
            last = page.Count > 0 ? page[^1].Key : last;

            // What cannot be read has no indicators on either side.
            (long Key, PreparedThreat Threat)[] threats =
            [
                .. page.AsParallel().AsOrdered()
                    .Select(row => (row.Key, Threat: row.Json is not null && ThreatDocumentReader.Read(row.Json) is ThreatDocument document ? PreparedThreat.Of(document) : null))
                    .AsEnumerable().Where(row => row.Threat is not null).Select(row => (row.Key, row.Threat!)),
            ];
            target.Index(threats, IndexNote, page.Count < ThreatsAtOnce ? IndexDone : last.ToString(CultureInfo.InvariantCulture));
            step?.Invoke("copied-index");
            Report("Indexing stored threats", done += page.Count, total: null);
        }
        while (page.Count == ThreatsAtOnce);
    }

    private void Compare(Dictionary<string, AreaDigest> digests, CancellationToken cancellationToken)
    {
        foreach ((var area, var digest) in digests)
        {
            Report($"Comparing {area}", 0, total: null);
            Require(area, digest, DigestOf(target.Read(area, ColumnsOf(area)), cancellationToken));
        }

        Report("Comparing the index", 0, total: null);
        Require("the index", IndexDigest(source, cancellationToken), IndexDigest(target, cancellationToken));
    }

    private void Require(string area, AreaDigest original, AreaDigest copy)
    {
        if (original.ToString() != copy.ToString())
        {
            throw new PhishMeException(
                Faults.StateCopyFailed,
                string.Create(CultureInfo.InvariantCulture, $"The copy of {area} is not like the original: {original.Rows} rows there, {copy.Rows} here. The copy is not used by runs."),
                target.Name);
        }
    }

    private string[] ColumnsOf(string area) => [.. source.Areas[area].Intersect(target.Areas[area], StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private IEnumerable<object?[]> SourceRows(string area, string[] columns)
    {
        return source.Read(area, columns).Select(row =>
        {
            for (var i = 0; i < row.Length; i++)
            {
                // What one side cannot keep, neither has.
                row[i] = row[i] is string text ? StorableText.Of(names.Of(area, columns[i], text)) : row[i];
            }

            return row;
        });
    }

    private static AreaDigest DigestOf(IEnumerable<object?[]> rows, CancellationToken cancellationToken)
    {
        var digest = new AreaDigest();
        foreach (var row in Digested(rows, digest, cancellationToken))
        {
            _ = row;
        }

        return digest;
    }

    private static IEnumerable<object?[]> Digested(IEnumerable<object?[]> rows, AreaDigest digest, CancellationToken cancellationToken)
    {
        foreach (var row in rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            digest.Add(row);
            yield return row;
        }
    }

    private static AreaDigest IndexDigest(ICopySource side, CancellationToken cancellationToken)
    {
        var digest = new AreaDigest();
        foreach (var threat in side.ReadIndex())
        {
            cancellationToken.ThrowIfCancellationRequested();
            digest.Add(
            [
                (long)threat.Id.Type, threat.Id.Number,
                .. threat.Indicators.SelectMany(indicator => (object?[])
                [
                    (long)indicator.Kind, StorableText.Of(indicator.Value), (long)indicator.Source, (long?)indicator.Impact, indicator.Corollary ? 1L : 0L,
                    StorableText.Of(indicator.Role), StorableText.Of(indicator.Family),
                ]),
            ]);
        }

        return digest;
    }

    private void Report(string activity, long done, long? total) => progress?.Report(new RunProgress { Activity = activity, Done = done, Total = total });
}
