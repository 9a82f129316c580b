namespace PhishMe.Engine.Storage;

/// <summary>Reads the whole store in a stable order, a page at a time, so that neither memory nor a read transaction grows with it.</summary>
internal interface IStoredThreats
{
    /// <summary>The threats behind a place, withdrawn ones included.</summary>
    /// <param name="after">The place to go on from; 0 for the beginning. See <see cref="StoredThreatPage.Next"/>.</param>
    /// <param name="most">Threats at most.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The page; an empty one at the end.</returns>
    /// <exception cref="PhishMe.Intelligence.PhishMeException">The store cannot be read.</exception>
    Task<StoredThreatPage> ReadAsync(long after, int most, CancellationToken cancellationToken);
}
