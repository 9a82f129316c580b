using PhishMe.Engine.Storage;

namespace PhishMe.Engine.Tests.Storage;

/// <summary>The order and the bounds of queues.</summary>
public abstract class QueueTests : IAsyncLifetime
{
    private static readonly DestinationId _one = new("one");
    private static readonly DestinationId _other = new("other");
    private static readonly DateTimeOffset _now = DateTimeOffset.UnixEpoch.AddDays(20_000);

    private readonly StatePlace _place;
    private readonly IStateStore _state;

    protected QueueTests(StateBackendKind backend)
    {
        _place = new StatePlace(backend);
        _state = _place.Open();
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Items_come_in_the_order_in_which_they_were_added_and_each_queue_is_its_own()
    {
        await AddAsync(Item("a"), Item("b", _other), Item("c"));

        Assert.Equal(["a", "c"], await ReadAsync(_one));
        Assert.Equal(["b"], await ReadAsync(_other));
    }

    [Fact]
    public async Task An_item_that_waits_holds_up_those_of_its_key_and_no_others()
    {
        await AddAsync(Item("a", key: "x"), Item("b", key: "y"), Item("c", key: "x"), Item("d", key: "z"));
        await ChangeAsync(transaction => transaction.PostponeAsync([(1, _now.AddMinutes(5))]));

        Assert.Equal(["b", "d"], await ReadAsync(_one));
        Assert.Equal(["a", "b", "c", "d"], await ReadAsync(_one, now: _now.AddMinutes(5)));
    }

    [Fact]
    public async Task A_batch_ends_at_its_bytes_but_an_item_that_is_too_large_alone_comes_alone()
    {
        await AddAsync(Item("large one"), Item("b"), Item("c"));

        Assert.Equal(["large one"], await ReadAsync(_one, bytes: 4));
        await ChangeAsync(transaction => transaction.DequeueAsync([1]));
        Assert.Equal(["b", "c"], await ReadAsync(_one, bytes: 4));
    }

    [Fact]
    public async Task The_oldest_gives_way_and_only_in_its_own_queue()
    {
        await AddAsync(Item("b", _other), Item("aa"), Item("bb"), Item("cc"));
        QueueDepth dropped = default;
        await ChangeAsync(async transaction => dropped = await transaction.DropOldestAsync(_one, 3));

        Assert.Equal(new QueueDepth(2, 4), dropped);
        Assert.Equal(["cc"], await ReadAsync(_one));
        Assert.Equal(["b"], await ReadAsync(_other));
        Assert.Equal(new QueueDepth(1, 2), await _state.GetQueueDepthAsync(_one, Stop));
    }

    [Fact]
    public async Task What_is_rolled_back_was_never_queued()
    {
        using (var transaction = await _state.BeginAsync(Stop))
        {
            await transaction.EnqueueAsync([Item("a")]);
        }

        Assert.Empty(await ReadAsync(_one));
        await AddAsync(Item("b"));
        Assert.Equal(["b"], await ReadAsync(_one));
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _state.Dispose();
        _place.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private static QueueItem Item(string text, DestinationId? destination = null, string key = "") => new()
    {
        Destination = destination ?? _one,
        Key = key,
        Payload = System.Text.Encoding.UTF8.GetBytes(text),
    };

    private Task AddAsync(params QueueItem[] items) => ChangeAsync(transaction => transaction.EnqueueAsync(items));

    private async Task ChangeAsync(Func<IStateTransaction, Task> change)
    {
        using var transaction = await _state.BeginAsync(Stop);
        await change(transaction);
        await transaction.CommitAsync();
    }

    private async Task<string[]> ReadAsync(DestinationId destination, long bytes = long.MaxValue, DateTimeOffset? now = null) =>
        [.. (await _state.ReadQueueAsync(destination, 100, bytes, now ?? _now, Stop)).Select(item => System.Text.Encoding.UTF8.GetString(item.Payload.Span))];
}

/// <summary>In a file.</summary>
public sealed class SqliteQueueTests() : QueueTests(StateBackendKind.Sqlite);

/// <summary>In a database that hosts share.</summary>
public sealed class PostgreSqlQueueTests() : QueueTests(StateBackendKind.PostgreSql);
