namespace PhishMe.Engine.Rendering;

/// <summary>Traffic Light Protocol: with whom what is rendered may be shared.</summary>
public enum TlpMarking
{
    /// <summary>No marking.</summary>
    None,

    /// <summary>TLP:WHITE, since TLP 2.0 TLP:CLEAR.</summary>
    White,

    /// <summary>TLP:GREEN.</summary>
    Green,

    /// <summary>TLP:AMBER.</summary>
    Amber,

    /// <summary>TLP:RED.</summary>
    Red,
}
