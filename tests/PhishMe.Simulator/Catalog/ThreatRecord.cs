namespace PhishMe.Simulator.Catalog;

/// <summary>
/// One state of a threat: all that is needed to write its document again. A generated threat is kept as its parameters, not as its bytes, so that
/// a hundred thousand of them cost a few megabytes.
/// </summary>
/// <param name="Key">Product and number.</param>
/// <param name="Index">Number of the generated threat, or -1 when <paramref name="Document"/> holds the bytes.</param>
/// <param name="Revision">How often the content was changed.</param>
/// <param name="First">First publication, epoch milliseconds.</param>
/// <param name="Last">Latest publication, epoch milliseconds: the date that searches and windows test.</param>
/// <param name="Document">The bytes of a threat that was loaded or published from outside.</param>
internal sealed record ThreatRecord(ThreatKey Key, int Index, int Revision, long First, long Last, byte[]? Document);
