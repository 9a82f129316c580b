namespace PhishMe.Engine.State;

/// <summary>What a term says about a threat.</summary>
internal enum TermSort
{
    Family,
    DeliveryMechanism,
    Brand,
}
