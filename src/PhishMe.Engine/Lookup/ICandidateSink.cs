namespace PhishMe.Engine.Lookup;

/// <summary>Takes the candidates of a text.</summary>
internal interface ICandidateSink
{
    /// <summary>The word begins here whose candidates follow.</summary>
    /// <param name="offset">Its offset in the text scanned.</param>
    void At(int offset);

    /// <summary>Takes one.</summary>
    /// <param name="kind">What it looks like.</param>
    /// <param name="text">The candidate, UTF-8; valid during the call.</param>
    /// <param name="host">Of a URL its host, as written; otherwise the candidate itself.</param>
    void Take(CandidateKind kind, ReadOnlySpan<byte> text, ReadOnlySpan<byte> host);
}
