using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>The state in one SQLite file.</summary>
internal sealed class SqliteStateBackend : IStateBackend
{
    /// <summary>The file and those that SQLite keeps beside it (sqlite.org/wal.html).</summary>
    private static readonly string[] _suffixes = [string.Empty, "-wal", "-shm"];

    public bool Exists(string location) => new FileInfo(location) is { Exists: true, Length: > 0 };

    public IStateStore Open(string location, Action<string>? step = null) => StateStore.Open(location, step);

    public IStateStore OpenReadOnly(string location) => StateStore.OpenReadOnly(location);

    public IStateStore OpenCopy(string location) => StateStore.OpenCopy(location);

    public void SetAside(string location, string aside)
    {
        try
        {
            foreach (var suffix in _suffixes)
            {
                if (File.Exists(location + suffix))
                {
                    File.Move(location + suffix, aside + suffix, overwrite: true);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PhishMeException(Faults.StateUnavailable, $"The damaged state file cannot be set aside: {exception.Message}", location, exception);
        }
    }

    public IStoreLocation StoreAt(string location) => new SqliteStoreFile(location);
}
