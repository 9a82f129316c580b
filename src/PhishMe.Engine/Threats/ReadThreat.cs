using PhishMe.Intelligence;

namespace PhishMe.Engine.Threats;

/// <summary>What became of reading a threat: the threat, or why it cannot be read.</summary>
/// <param name="Threat">The threat; null when it cannot be read.</param>
/// <param name="Error">The reason; null when it was read.</param>
internal readonly record struct ReadThreat(Threat? Threat, string? Error)
{
    /// <param name="json">One bare threat object; the threat keeps the bytes.</param>
    public static ReadThreat Of(ReadOnlyMemory<byte> json)
    {
        try
        {
            return new ReadThreat(ThreatReader.Read(json), null);
        }
        catch (PhishMeException exception)
        {
            return new ReadThreat(null, exception.Message);
        }
    }
}
