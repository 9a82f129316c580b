using PhishMe.Engine.Storage.Copying;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>The state in one SQLite file.</summary>
internal sealed class SqliteStateBackend : IStateBackend
{
    /// <summary>The file and those that SQLite keeps beside it (sqlite.org/wal.html).</summary>
    private static readonly string[] _suffixes = [string.Empty, "-wal", "-shm"];

    public bool Exists(StateLocation location) => new FileInfo(location.File) is { Exists: true, Length: > 0 };

    public IStateStore Open(StateLocation location, Action<string>? step = null) => StateStore.Open(location.File, step);

    public IStateStore OpenReadOnly(StateLocation location) => StateStore.OpenReadOnly(location.File);

    public IStateStore OpenCopy(StateLocation location) => StateStore.OpenCopy(location.File);

    public void SetAside(StateLocation location, string aside)
    {
        try
        {
            foreach (var suffix in _suffixes)
            {
                if (File.Exists(location.File + suffix))
                {
                    File.Move(location.File + suffix, aside + suffix, overwrite: true);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PhishMeException(Faults.StateUnavailable, $"The damaged state file cannot be set aside: {exception.Message}", location.File, exception);
        }
    }

    public ICopySource OpenCopySource(StateLocation location) => Exists(location)
        ? new SqliteCopySide(location.File, location.File)
        : throw new PhishMeException(Faults.StateNotFound, "There is no state file to copy.", location.File);

    public ICopyTarget OpenCopyTarget(StateLocation location) => SqliteCopyTarget.Open(location.File);

    public IStoreLocation StoreAt(StateLocation location) => new SqliteStoreFile(location.File);
}
