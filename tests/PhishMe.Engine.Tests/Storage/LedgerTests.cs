using PhishMe.Engine.Storage;

namespace PhishMe.Engine.Tests.Storage;

/// <summary>What a target has of us, and how many requests a host takes: both outlive the process that noted them.</summary>
public abstract class LedgerTests(StateBackendKind backend)
{
    private static readonly DateTimeOffset _now = DateTimeOffset.UnixEpoch.AddDays(20_000);
    private static readonly DestinationId _one = new("one");
    private static readonly DestinationId _other = new("other");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Entries_outlive_the_process_and_each_destination_has_its_own()
    {
        using var folder = new StatePlace(backend);
        using (var state = folder.Open())
        {
            await state.LedgerOf(_one).UpdateAsync([Entry(_one, "a", "1", _now.AddDays(1)), Entry(_one, "b", "1", expires: null)], [], Stop);
            await state.LedgerOf(_other).UpdateAsync([Entry(_other, "a", "9", expires: null)], [], Stop);
        }

        using var again = folder.Open();
        var found = await again.LedgerOf(_one).GetAsync(["a", "b", "c"], Stop);

        Assert.Equal([Entry(_one, "a", "1", _now.AddDays(1)), Entry(_one, "b", "1", expires: null)], found.Values.OrderBy(entry => entry.Key, StringComparer.Ordinal));
        Assert.Equal("9", Assert.Single(await again.LedgerOf(_other).GetAsync(["a"], Stop)).Value.Fingerprint);
        Assert.Equal((2L, 1L), (await again.LedgerOf(_one).CountAsync(Stop), await again.LedgerOf(_other).CountAsync(Stop)));
    }

    [Fact]
    public async Task An_update_replaces_and_removes_at_once()
    {
        using var folder = new StatePlace(backend);
        using var state = folder.Open();
        var ledger = state.LedgerOf(_one);
        await ledger.UpdateAsync([Entry(_one, "a", "1", null), Entry(_one, "b", "1", null)], [], Stop);

        await ledger.UpdateAsync([Entry(_one, "a", "2", null) with { TargetReference = "id-7" }], ["b", "unknown"], Stop);

        var entry = Assert.Single(await ledger.GetAsync(["a", "b"], Stop)).Value;
        Assert.Equal(("2", "id-7"), (entry.Fingerprint, entry.TargetReference));
    }

    [Fact]
    public async Task Entries_that_expire_first_come_first_and_those_without_an_end_last()
    {
        using var folder = new StatePlace(backend);
        using var state = folder.Open();
        var ledger = state.LedgerOf(_one);
        await ledger.UpdateAsync(
            [Entry(_one, "never", "1", null), Entry(_one, "late", "1", _now.AddDays(9)), Entry(_one, "soon", "1", _now.AddDays(1)), Entry(_one, "next", "1", _now.AddDays(2))], [], Stop);

        Assert.Equal(["soon", "next"], (await ledger.GetExpiringAsync(_now.AddDays(3), 10, Stop)).Select(entry => entry.Key));
        Assert.Equal(["soon"], (await ledger.GetExpiringAsync(_now.AddDays(3), 1, Stop)).Select(entry => entry.Key));
        Assert.Equal(["soon", "next", "late", "never"], (await ledger.GetExpiringAsync(before: null, 10, Stop)).Select(entry => entry.Key));
    }

    [Fact]
    public async Task The_pace_of_a_host_outlives_the_process_and_the_newest_counts()
    {
        using var folder = new StatePlace(backend);
        using (var state = folder.Open())
        {
            Assert.Null(await state.GetPaceAsync("api.example:443", Stop));
            await state.SetPaceAsync(new HostPace("api.example:443", 12.5, null, _now), Stop);
            await state.SetPaceAsync(new HostPace("other.example:443", 3, null, _now), Stop);
            await state.SetPaceAsync(new HostPace("api.example:443", 8, null, _now.AddHours(1)), Stop);
        }

        using var again = folder.Open();
        Assert.Equal(new HostPace("api.example:443", 8, null, _now.AddHours(1)), await again.GetPaceAsync("api.example:443", Stop));
        Assert.Equal(new HostPace("other.example:443", 3, null, _now), await again.GetPaceAsync("other.example:443", Stop));
    }

    private static LedgerEntry Entry(DestinationId destination, string key, string fingerprint, DateTimeOffset? expires) =>
        new() { Destination = destination, Key = key, Fingerprint = fingerprint, ExpiresAt = expires, SentAt = _now };
}

/// <summary>In a file.</summary>
public sealed class SqliteLedgerTests() : LedgerTests(StateBackendKind.Sqlite);

/// <summary>In a database that hosts share.</summary>
public sealed class PostgreSqlLedgerTests() : LedgerTests(StateBackendKind.PostgreSql);
