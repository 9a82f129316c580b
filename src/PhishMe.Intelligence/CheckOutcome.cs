namespace PhishMe.Intelligence;

/// <summary>How a check came out.</summary>
public enum CheckOutcome
{
    /// <summary>In order.</summary>
    Pass,

    /// <summary>A run would go on, but look.</summary>
    Warn,

    /// <summary>A run would fail.</summary>
    Fail,
}
