using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Storage;

/// <summary>What the state knows of threats and of what destinations were given.</summary>
public abstract class DeliveryTests(StateBackendKind backend)
{
    private static readonly DestinationId _one = new("one");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_threat_that_a_batch_has_twice_is_asked_for_and_recorded_once()
    {
        var id = ThreatId.Parse("m_7");
        using var place = new StatePlace(backend);
        using var state = place.Open();
        using (var transaction = await state.BeginAsync(Stop))
        {
            await transaction.RecordThreatsAsync([new SeenThreat(id, 1, 2), new SeenThreat(id, 1, 3)], DateTimeOffset.UnixEpoch);
            await transaction.RecordDeliveriesAsync(_one, [(id, Given(1)), (id, Given(2))]);
            await transaction.CommitAsync();
        }

        Assert.Equal(Given(2), Assert.Single(await state.GetDeliveriesAsync(_one, [id, id], Stop)).Value);
        Assert.Equal(1, Assert.Single(await state.GetFirstPublishedAsync([id, id], Stop)).Value);
        Assert.Empty(await state.Archive.GetReplacedAsync([(id, default), (id, default)], Stop));
    }

    private static DeliveryRecord Given(ulong content) => new() { Content = new ContentHash(content, 0), Generation = 1, DeliveredAt = 5 };
}

/// <summary>In a file.</summary>
public sealed class SqliteDeliveryTests() : DeliveryTests(StateBackendKind.Sqlite);

/// <summary>In a database that hosts share.</summary>
public sealed class PostgreSqlDeliveryTests() : DeliveryTests(StateBackendKind.PostgreSql);
