using System.Text;
using System.Text.Json.Nodes;
using PhishMe.Engine.Lookup;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.PostgreSql;
using PhishMe.Engine.Storage.Sqlite;
using PhishMe.Engine.Tests.Storage;
using PhishMe.Engine.Tests.Storage.PostgreSql;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Store;

/// <summary>A state file with a store in a folder of its own.</summary>
internal sealed class StoreFolder : IDisposable
{
    private readonly IStateBackend _backend;

    public StoreFolder(StateBackendKind kind = StateBackendKind.Sqlite)
    {
        Folder = Directory.CreateTempSubdirectory("phishme-store-").FullName;
        _backend = kind == StateBackendKind.Sqlite ? new SqliteStateBackend() : new PostgreSqlStateBackend(TimeProvider.System);
        Location = new StateLocation { File = StatePath, Shared = kind == StateBackendKind.Sqlite ? null : PostgreSqlServer.Shared.NewState() };
    }

    /// <summary>A shared state on a server of the test's own.</summary>
    public StoreFolder(SharedStateAddress state)
    {
        Folder = Directory.CreateTempSubdirectory("phishme-store-").FullName;
        _backend = new PostgreSqlStateBackend(TimeProvider.System);
        Location = new StateLocation { File = StatePath, Shared = state };
    }

    public StateLocation Location { get; }

    public IStoreLocation Store => _backend.StoreAt(Location);

    public string Folder { get; }

    public string StatePath => Path.Combine(Folder, "state.db");

    public string InFolder(string name) => Path.Combine(Folder, name);

    /// <summary>Stores threats in one transaction, as a batch does.</summary>
    public StoreFolder Put(params IEnumerable<JsonObject> threats) => Change(transaction => transaction.StoreAsync(
        [.. threats.Select(threat => PreparedThreat.Of(ThreatDocumentReader.Read(Encoding.UTF8.GetBytes(threat.ToJsonString()))!))], [], DateTimeOffset.FromUnixTimeMilliseconds(1)));

    /// <summary>Moves the keys that have gathered, as the end of a run does.</summary>
    public StoreFolder MoveKeys()
    {
        using var state = _backend.Open(Location);
        state.Archive.SettleAsync(oldest: null, TestContext.Current.CancellationToken).GetAwaiter().GetResult();
        return this;
    }

    public StoreFolder Withdraw(string id) => Change(transaction => transaction.StoreAsync([], [ThreatId.Parse(id)], DateTimeOffset.FromUnixTimeMilliseconds(2)));

    private StoreFolder Change(Func<IStateTransaction, Task> change)
    {
        using var state = _backend.Open(Location);
        using var transaction = state.BeginAsync(TestContext.Current.CancellationToken).GetAwaiter().GetResult();
        change(transaction).GetAwaiter().GetResult();
        transaction.CommitAsync().GetAwaiter().GetResult();
        return this;
    }

    public IIntelligenceStore Open() => IntelligenceStore.Open(Store, TimeProvider.System);

    /// <summary>The matches of a value, shortened to what most tests are about.</summary>
    public IReadOnlyList<(MatchKind Kind, string Value)> Find(string value, MatchFilter? filter = null)
    {
        using var store = Open();
        return [.. store.Find(value, filter).Select(match => (match.MatchKind, match.MatchedValue))];
    }

    public IReadOnlyList<IndicatorMatch> FindInText(byte[] text, MatchFilter? filter = null)
    {
        using var store = Open();
        using var stream = new MemoryStream(text);
        return [.. store.FindInText(stream, filter, TestContext.Current.CancellationToken)];
    }

    public IReadOnlyList<IndicatorMatch> FindInText(string text) => FindInText(Encoding.UTF8.GetBytes(text));

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
