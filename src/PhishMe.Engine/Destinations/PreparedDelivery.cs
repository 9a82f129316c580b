namespace PhishMe.Engine.Destinations;

/// <summary>A delivery that a transactional destination has made ready. A destination may derive from it to carry what it needs to publish.</summary>
internal record PreparedDelivery
{
    public required Delivery Delivery { get; init; }

    /// <summary>The append files this delivery adds to, with their length when all of it is on the disk. Recorded in the transaction of the batch.</summary>
    public IReadOnlyList<Storage.AppendLength> Lengths { get; init; } = [];

    /// <summary>Bytes added to append files.</summary>
    public long BytesAppended { get; init; }
}
