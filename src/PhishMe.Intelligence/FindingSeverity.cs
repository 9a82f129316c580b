namespace PhishMe.Intelligence;

/// <summary>How serious a configuration finding is.</summary>
public enum FindingSeverity
{
    /// <summary>Worth knowing.</summary>
    Information,

    /// <summary>The run goes on, but the user should look.</summary>
    Warning,

    /// <summary>The run does not start.</summary>
    Error,
}
