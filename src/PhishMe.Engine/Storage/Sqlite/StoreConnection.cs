using System.Globalization;
using Microsoft.Data.Sqlite;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>Opens a state file for reading, and tells in our words what is wrong with it.</summary>
internal static class StoreConnection
{
    private const int Busy = 5, Locked = 6, Corrupt = 11, CannotOpen = 14, NotADatabase = 26;

    /// <param name="path">The file.</param>
    /// <param name="cacheKibibytes">Pages that the connection keeps at most, in KiB. One that scans logs needs many, one of several that read pages in turn few.</param>
    /// <exception cref="PhishMeException">It cannot be read, or is of another version.</exception>
    public static SqliteConnection Open(string path, int cacheKibibytes = 32_000)
    {
        if (!File.Exists(path))
        {
            throw new PhishMeException(Faults.StoreNotFound, "There is no local store at this path.", path);
        }

        SQLitePCL.Batteries_V2.Init();
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        try
        {
            connection.Open();
            using (var pragma = connection.CreateCommand())
            {
                // Not mapped: a process that scans logs all day would seem to grow with the store.
#pragma warning disable CA2100 // A number of ours.
                pragma.CommandText = string.Create(
                    CultureInfo.InvariantCulture, $"PRAGMA busy_timeout = 5000; PRAGMA query_only = ON; PRAGMA cache_size = -{cacheKibibytes};");
#pragma warning restore CA2100
                pragma.ExecuteNonQuery();
            }

            var version = StateSchema.VersionOf(connection);
            StateSchema.Require(version, path);
            if (version < StateSchema.NewestVersion)
            {
                throw new PhishMeException(
                    version == 0 ? Faults.StoreNotFound : Faults.StoreTooOld,
                    version == 0 ? "The file is not a state file." : FormattableString.Invariant($"The state file has version {version}; this program reads version {StateSchema.NewestVersion}."),
                    path);
            }

            if (!IndexForm.IsCurrent(connection))
            {
                throw new PhishMeException(Faults.StoreTooOld, "The index of the state file is of an older form.", path);
            }

            return connection;
        }
        catch (SqliteException exception)
        {
            connection.Dispose();
            throw Failed(exception, path);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The fault behind an error of the database.</summary>
    public static PhishMeException Failed(SqliteException exception, string path) => exception.SqliteErrorCode switch
    {
        Busy or Locked => new PhishMeException(Faults.StoreLocked, "Another program is writing the state file.", path, exception),
        Corrupt or NotADatabase => new PhishMeException(Faults.StoreDamaged, $"The state file is damaged: {exception.Message}", path, exception),
        CannotOpen => new PhishMeException(
            Faults.StateUnavailable, $"The state file cannot be opened. The account needs permission to create files in its folder. {exception.Message}", path, exception),
        _ => new PhishMeException(Faults.StateUnavailable, $"The state file cannot be read: {exception.Message}", path, exception),
    };
}
