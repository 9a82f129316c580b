namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>What a term says about a threat.</summary>
internal enum TermSort
{
    Family,
    DeliveryMechanism,
    Brand,
}
