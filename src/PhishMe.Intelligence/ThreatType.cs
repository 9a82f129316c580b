namespace PhishMe.Intelligence;

/// <summary>The product a threat belongs to. Numbers are unique only within one product.</summary>
public enum ThreatType
{
    /// <summary>Product "Intelligence": a malware campaign (<c>threatType</c> <c>MALWARE</c>, prefix <c>m_</c>).</summary>
    Malware,

    /// <summary>Product "Brand Intelligence": a phishing page (<c>threatType</c> <c>PHISH</c>, prefix <c>p_</c>).</summary>
    Phish,
}
