namespace PhishMe.Intelligence;

/// <summary>A document that takes threats one at a time. Memory does not grow with their number, but for the values that must not be repeated.</summary>
public interface IThreatDocument
{
    /// <summary>Adds a threat.</summary>
    /// <param name="threat">The threat.</param>
    /// <returns>What became of it.</returns>
    RenderingResult Add(Threat threat);

    /// <summary>Writes what stands at the end.</summary>
    void Complete();
}
