namespace PhishMe.Intelligence;

/// <summary>The one thing a shell asks of the engine's assembly; its implementation has a public parameterless constructor.</summary>
public interface IEngineFactory
{
    /// <summary>Makes an engine. Cheap: nothing is opened or read before the engine is asked to do something.</summary>
    /// <param name="options">What the shell tells about itself.</param>
    /// <returns>The engine.</returns>
    IIntelligenceEngine Create(EngineOptions options);
}
