using System.Globalization;
using Microsoft.Data.Sqlite;
using PhishMe.Engine.Files;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>Makes, opens, checks and copies the file that the state is in.</summary>
internal static class StateFile
{
    /// <summary>As a URI: only then may what is attached be named by a URI too, which says that it is read only.</summary>
    private const string InMemory = "file::memory:";

    /// <summary>Opens the file, makes it when it is missing, and brings it to the newest version.</summary>
    public static SqliteConnection Open(string path, Action<string>? step)
    {
        StateFilePreparation.Prepare(path, PatientFiles.OfSystem());
        return Guarded(path, () =>
        {
            var connection = Connect(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString(), "WAL");
            return Prepared(connection, () =>
            {
                StateSchema.Upgrade(connection, step);
                AllowShrinking(connection);
            });
        });
    }

    /// <summary>Opens the file to look at it, whether a run is under way or not; one of an older version is looked at in a copy.</summary>
    public static SqliteConnection OpenReadOnly(string path) => Guarded(path, () =>
    {
        SQLitePCL.Batteries_V2.Init();
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        var version = 0;
        Prepared(connection, () =>
        {
            connection.Open();
            version = StateSchema.VersionOf(connection);
            StateSchema.Require(version, path);
        });
        if (version == StateSchema.NewestVersion)
        {
            return connection;
        }

        connection.Dispose();
        return OpenCopy(path);
    });

    /// <summary>Opens a copy in memory: what a dry run may change. It has everything but the store, which may be larger than the memory.</summary>
    public static SqliteConnection OpenCopy(string path) => Guarded(path, () =>
    {
        var connection = Connect($"Data Source={InMemory};Pooling=False", "MEMORY");
        return Prepared(connection, () =>
        {
            if (File.Exists(path))
            {
                Copy(path, connection);
            }

            StateSchema.Upgrade(connection);
        });
    });

    /// <summary>The last run died, perhaps with the machine: look at every page once before anything is built on them.</summary>
    /// <exception cref="StateDamagedException">A page is damaged.</exception>
    public static void Verify(SqliteConnection connection, string path)
    {
        using var check = connection.CreateCommand();
        check.CommandText = "PRAGMA quick_check(1)";
        if (check.ExecuteScalar() is not "ok" and var finding)
        {
            throw new StateDamagedException(path, new InvalidDataException(Convert.ToString(finding, CultureInfo.InvariantCulture)));
        }
    }

    private static SqliteConnection Connect(string connectionString, string journal)
    {
        SQLitePCL.Batteries_V2.Init();
        var connection = new SqliteConnection(connectionString);
        return Prepared(connection, () =>
        {
            connection.Open();

            // FULL: config.ini mirrors the position right after a commit, so a commit must survive a power cut.
            StateSchema.Execute(connection, string.Create(
                CultureInfo.InvariantCulture,
                $"PRAGMA busy_timeout = 5000; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = {journal}; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000;"));
        });
    }

    private static SqliteConnection Prepared(SqliteConnection connection, Action prepare)
    {
        try
        {
            prepare();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The tables as they are in the file, of whatever version, and the rows of all but the store.</summary>
    private static void Copy(string path, SqliteConnection connection)
    {
        HashSet<string> store = [.. StateTables.All.Where(table => table.Holds == StateTableUse.Store).Select(table => table.Name)];
        using (var attach = connection.CreateCommand())
        {
            attach.CommandText = "ATTACH $source AS source";
            attach.Parameters.AddWithValue("$source", new Uri(Path.GetFullPath(path)).AbsoluteUri + "?mode=ro");
            attach.ExecuteNonQuery();
        }

        var version = 0L;
        var shapes = new List<(string Type, string Name, string Sql)>();
        using (var read = connection.CreateCommand())
        {
            read.CommandText = "PRAGMA source.user_version";
            version = (long)read.ExecuteScalar()!;
            read.CommandText = "SELECT type, name, sql FROM source.sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid";
            using var row = read.ExecuteReader();
            while (row.Read())
            {
                shapes.Add((row.GetString(0), row.GetString(1), row.GetString(2)));
            }
        }

        foreach ((var type, var name, var sql) in shapes)
        {
            StateSchema.Execute(connection, sql);
            if (type == "table" && !store.Contains(name))
            {
                StateSchema.Execute(connection, $"INSERT INTO main.{name} SELECT * FROM source.{name}");
            }
        }

        StateSchema.Execute(connection, FormattableString.Invariant($"PRAGMA user_version = {version}; DETACH source;"));
    }

    /// <summary>Files of the first version cannot give back space until they were rewritten once.</summary>
    private static void AllowShrinking(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA auto_vacuum";
        if (command.ExecuteScalar() is 0L)
        {
            StateSchema.Execute(connection, "VACUUM");
        }
    }

    private static SqliteConnection Guarded(string path, Func<SqliteConnection> open)
    {
        try
        {
            return open();
        }
        catch (SqliteException exception)
        {
            throw SqliteSession.Failed(exception, path);
        }
        catch (Exception exception) when (exception is InvalidCastException or ArgumentException or OverflowException or FormatException)
        {
            throw new StateDamagedException(path, exception);
        }
    }
}
