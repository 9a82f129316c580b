using System.Text;
using System.Text.Json.Nodes;
using PhishMe.Engine.Lookup;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.Sqlite;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Store;

/// <summary>A state file with a store in a folder of its own.</summary>
internal sealed class StoreFolder : IDisposable
{
    public StoreFolder()
    {
        Folder = Directory.CreateTempSubdirectory("phishme-store-").FullName;
    }

    public string Folder { get; }

    public string StatePath => Path.Combine(Folder, "state.db");

    public string InFolder(string name) => Path.Combine(Folder, name);

    /// <summary>Stores threats in one transaction, as a batch does.</summary>
    public StoreFolder Put(params IEnumerable<JsonObject> threats)
    {
        using var state = StateStore.Open(StatePath);
        var archive = state.OpenArchive();
        using var transaction = state.Begin();
        foreach (var threat in threats)
        {
            archive.Put(PreparedThreat.Of(ThreatDocumentReader.Read(Encoding.UTF8.GetBytes(threat.ToJsonString()))!), now: 1);
        }

        transaction.Commit();
        return this;
    }

    /// <summary>Moves the keys that have gathered, as the end of a run does.</summary>
    public StoreFolder MoveKeys()
    {
        using var state = StateStore.Open(StatePath);
        var archive = state.OpenArchive();
        using var transaction = state.Begin();
        archive.MoveKeys();
        transaction.Commit();
        return this;
    }

    public StoreFolder Withdraw(string id)
    {
        using var state = StateStore.Open(StatePath);
        var archive = state.OpenArchive();
        using var transaction = state.Begin();
        archive.Withdraw(ThreatId.Parse(id), now: 2);
        transaction.Commit();
        return this;
    }

    public IIntelligenceStore Open() => IntelligenceStore.Open(new SqliteStoreFile(StatePath), TimeProvider.System);

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
