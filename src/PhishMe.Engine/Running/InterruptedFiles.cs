using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;
using Serilog;

namespace PhishMe.Engine.Running;

/// <summary>
/// Files of a batch that a run of this host wrote and did not commit, when hosts share the state: another host may have gone on, so that the batch does not come
/// again. What a destination does not have according to the state is removed; what it has may lie there in another version, and is delivered again.
/// </summary>
internal static class InterruptedFiles
{
    /// <summary>Puts them right.</summary>
    /// <param name="state">The state.</param>
    /// <param name="destinations">Those with such files.</param>
    /// <param name="log">Receives what was done.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task PutRightAsync(IStateStore state, IReadOnlyList<OpenDestination> destinations, ILogger log, CancellationToken cancellationToken)
    {
        foreach (var destination in destinations)
        {
            var touched = destination.Interrupted;
            var records = await state.GetDeliveriesAsync(destination.Id, [.. touched, .. touched.Select(NamesakeOf)], cancellationToken).ConfigureAwait(false);
            ThreatId[] present = [.. touched.Where(Has)];

            // In the legacy layout malware and phish of one number share a file.
            var sharesFiles = destination.Settings.Output?.Layout == OutputLayout.Legacy;
            var missing = touched.Except(present).Where(id => !sharesFiles || !Has(NamesakeOf(id))).ToHashSet();
            var lengths = destination.PutRight(missing);
            using var transaction = await state.BeginAsync(cancellationToken).ConfigureAwait(false);
            await transaction.RecordDeliveriesAsync(destination.Id, [.. present.Select(id => (id, records[id] with { Content = default }))]).ConfigureAwait(false);
            await transaction.SetLengthsAsync(lengths).ConfigureAwait(false);
            await transaction.CommitAsync().ConfigureAwait(false);
            log.Information(
                "{Destination}: the last run on this host died in a batch of {Count} threat(s); {Removed} are not here, and {Again} are delivered again if they changed",
                destination.Id.ToString(), touched.Count, missing.Count, present.Length);

            bool Has(ThreatId id) => records.TryGetValue(id, out var record) && !record.Withdrawn;
        }
    }

    private static ThreatId NamesakeOf(ThreatId id) => new(id.Type == ThreatType.Malware ? ThreatType.Phish : ThreatType.Malware, id.Number);
}
