namespace PhishMe.Intelligence;

/// <summary>
/// A sync under way from a named position. The position moves behind a batch when every threat of it was taken; disposing keeps what was taken of the
/// batch in hand, so that the next sync continues with the next threat.
/// </summary>
public interface IThreatSync : IDisposable
{
    /// <summary>The batches up to the newest change. Ask for the next one only when all threats of the one before were taken.</summary>
    /// <param name="progress">Receives how far it is; may be null.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The batches; none when nothing is new.</returns>
    IAsyncEnumerable<ThreatBatch> ReadAsync(IProgress<RunProgress>? progress, CancellationToken cancellationToken);

    /// <summary>Says that the consumer has a threat of the batch in hand. May be called from any thread.</summary>
    /// <param name="threat">The threat.</param>
    void Take(Threat threat);
}
