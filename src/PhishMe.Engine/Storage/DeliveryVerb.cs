namespace PhishMe.Engine.Storage;

/// <summary>What the target is to do with an item. The numbers are stored.</summary>
internal enum DeliveryVerb
{
    /// <summary>Add it, or replace what it has under the same key.</summary>
    Upsert = 0,

    /// <summary>Take it back.</summary>
    Retract = 1,
}
