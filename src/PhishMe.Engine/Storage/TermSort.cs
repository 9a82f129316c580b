namespace PhishMe.Engine.Storage;

/// <summary>What a term says about a threat.</summary>
internal enum TermSort
{
    Family,
    DeliveryMechanism,
    Brand,
}
