namespace PhishMe.Intelligence;

/// <summary>Traffic Light Protocol: with whom something may be shared.</summary>
public enum TlpLevel
{
    /// <summary>No marking.</summary>
    None,

    /// <summary>TLP:CLEAR, before TLP 2.0 TLP:WHITE.</summary>
    Clear,

    /// <summary>TLP:GREEN.</summary>
    Green,

    /// <summary>TLP:AMBER.</summary>
    Amber,

    /// <summary>TLP:AMBER+STRICT: within the recipient's organisation only.</summary>
    AmberStrict,

    /// <summary>TLP:RED.</summary>
    Red,
}
