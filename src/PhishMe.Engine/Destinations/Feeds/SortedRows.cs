using System.Buffers;

namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>The sorted rows of a pass by the batch, each with the feeds that write it. Of several rows of one value, a feed writes the best that it takes.</summary>
/// <param name="rows">The rows.</param>
internal sealed class SortedRows(ExternalSort rows)
{
    private readonly SortedItems _items = rows.Read();
    private readonly ArrayBufferWriter<byte> _value = new(256);
    private uint _done;

    /// <summary>Fills a batch; it is empty when there are no more rows.</summary>
    /// <exception cref="IOException">What was spilled cannot be read.</exception>
    public void Fill(RowBatch batch)
    {
        batch.Clear();
        while (!batch.IsFull && _items.MoveNext())
        {
            var value = FeedRow.GroupOf(_items.Key);
            if (!value.SequenceEqual(_value.WrittenSpan))
            {
                _value.ResetWrittenCount();
                _value.Write(value);
                _done = 0;
            }

            // The best row of a value is the first one that a feed takes.
            var takers = FeedRow.FeedsOf(_items.Value) & ~_done;
            if (takers != 0)
            {
                _done |= takers;
                batch.Add(_items.Key, _items.Value, takers);
            }
        }
    }
}
