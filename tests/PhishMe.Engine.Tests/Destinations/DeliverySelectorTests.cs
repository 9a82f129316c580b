using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.Sqlite;
using PhishMe.Engine.Sync;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Destinations;

/// <summary>What of a batch is new to a destination.</summary>
public sealed class DeliverySelectorTests : IDisposable
{
    private const int Generation = 3;
    private static readonly ThreatId _id = new(ThreatType.Malware, 1);
    private static readonly DateTimeOffset _now = DateTimeOffset.UnixEpoch.AddDays(20_000);

    private readonly StateStore _state = StateStore.OpenCopy(Path.Combine(Path.GetTempPath(), "phishme-none", "none.db"));
    private readonly Destination _json = new TransactionalDestination { Id = new DestinationId("raw_json"), Section = "integration_raw_json", Open = _ => throw new NotSupportedException() };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, null, true)] // Never delivered.
    [InlineData("same", 10L, false)]
    [InlineData("other", 10L, true)]
    [InlineData("same", 11L, true)] // Its date moved.
    public async Task A_threat_is_new_when_it_was_never_delivered_or_has_changed(string? before, long? lastPublished, bool expected)
    {
        if (before is not null)
        {
            await DeliverAsync(before, lastPublished);
        }

        Assert.Equal(expected ? 1 : 0, await CountAsync(null));
    }

    [Theory]
    [InlineData(23, 0)]
    [InlineData(25, 1)]
    [InlineData(-1, 1)] // Delivered in the future: by a clock that has been set back since.
    public async Task A_moved_date_alone_is_left_out_for_some_hours(int hoursAgo, int expected)
    {
        await DeliverAsync("same", 11, _now.AddHours(-hoursAgo));

        Assert.Equal(expected, await CountAsync(24));
    }

    [Fact]
    public async Task Another_backfill_delivers_everything_again()
    {
        await DeliverAsync("same", 10, generation: Generation - 1);

        Assert.Equal(1, await CountAsync(null));
    }

    [Fact]
    public async Task A_threat_that_comes_back_is_new()
    {
        await DeliverAsync("same", 10, withdrawn: true);

        Assert.Equal(1, await CountAsync(null));
    }

    [Fact]
    public async Task What_another_destination_has_does_not_count()
    {
        await DeliverAsync("same", 10, destination: new DestinationId("raw_cef"));

        Assert.Equal(1, await CountAsync(null));
    }

    [Fact]
    public async Task A_withdrawal_is_delivered_once_and_to_those_as_well_who_never_had_the_threat()
    {
        Assert.Single((await SelectAsync(new Batch { Withdrawn = [_id], After = Cursor() }, null)).Withdrawn);

        await DeliverAsync("same", 10, withdrawn: true);
        Assert.Empty((await SelectAsync(new Batch { Withdrawn = [_id], After = Cursor() }, null)).Withdrawn);
    }

    public void Dispose() => _state.Dispose();

    private static ContentHash Hash(string text) => ContentHash.Of(System.Text.Encoding.UTF8.GetBytes(text));

    private static SyncCursor Cursor() => new()
    {
        Phase = SyncPhase.Following,
        Generation = Generation,
        Plan = "",
        WindowBegin = default,
        WindowEnd = default,
        FollowFrom = default,
    };

    private async Task DeliverAsync(
        string content, long? lastPublished, DateTimeOffset? at = null, int generation = Generation, bool withdrawn = false, DestinationId? destination = null)
    {
        using var transaction = await _state.BeginAsync(Stop);
        await transaction.RecordDeliveriesAsync(destination ?? _json.Id, [(_id, new DeliveryRecord
        {
            Content = Hash(content), LastPublished = lastPublished, Generation = generation, Withdrawn = withdrawn,
            DeliveredAt = (at ?? _now).ToUnixTimeMilliseconds(),
        })]);
        await transaction.CommitAsync();
    }

    private async Task<int> CountAsync(int? hours) => (await SelectAsync(
        new Batch
        {
            Threats = [new ThreatUnit { Id = _id, LastPublished = 10, Json = new Rendition(new byte[] { 1 }, Hash("same")) }],
            After = Cursor(),
        },
        hours)).Threats.Count;

    private async Task<Engine.Destinations.Delivery> SelectAsync(Batch batch, int? hours) =>
        (await new DeliverySelector(_state, hours).SelectAsync(_json, batch, BatchChanges.None, _now, Stop)).Delivery;
}
