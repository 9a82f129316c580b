using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.PostgreSql;
using PhishMe.Engine.Storage.Sqlite;
using PhishMe.Engine.Tests.Storage.PostgreSql;

namespace PhishMe.Engine.Tests.Storage;

/// <summary>A place for a state of its own, whatever keeps it.</summary>
internal sealed class StatePlace : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("phishme-state-").FullName;

    public StatePlace(StateBackendKind kind)
    {
        Backend = kind == StateBackendKind.Sqlite ? new SqliteStateBackend() : new PostgreSqlStateBackend(TimeProvider.System);
        Location = new StateLocation
        {
            File = Path.Combine(_folder, "state.db"),
            Shared = kind == StateBackendKind.Sqlite ? null : PostgreSqlServer.Shared.NewState(),
        };
    }

    public IStateBackend Backend { get; }

    public StateLocation Location { get; }

    public IStateStore Open() => Backend.Open(Location);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
