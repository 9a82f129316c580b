using PhishMe.Engine.Storage;

namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>An item on its way to a product.</summary>
/// <param name="Item">As it waits in the queue.</param>
/// <param name="Known">What the ledger says that the product has under this key; null when nothing, or when the product keeps no state.</param>
internal readonly record struct PushItem(QueueItem Item, LedgerEntry? Known = null)
{
    public ReadOnlyMemory<byte> Payload => Item.Payload;

    public string Key => Item.Key;

    /// <summary>Whether it is to be taken back.</summary>
    public bool IsRetraction => Item.Verb == DeliveryVerb.Retract;
}
