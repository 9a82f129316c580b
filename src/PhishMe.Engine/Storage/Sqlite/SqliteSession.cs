using Microsoft.Data.Sqlite;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>One connection with its prepared commands and its open transaction, and what an error of it means.</summary>
internal sealed class SqliteSession(SqliteConnection connection, string path, bool ownsConnection = true) : IDisposable
{
    private readonly Dictionary<string, SqliteCommand> _commands = [];

    public SqliteConnection Connection => connection;

    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>The transaction that commands belong to; null outside one.</summary>
    public SqliteTransaction? Transaction { get; set; }

    /// <summary>A prepared command with its parameters set.</summary>
    public SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
#pragma warning disable CA2100 // Every statement is a constant; values are parameters.
            command.CommandText = sql;
#pragma warning restore CA2100
            foreach ((var name, _) in parameters)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = name });
            }

            _commands.Add(sql, command);
        }

        command.Transaction = Transaction;
        for (var i = 0; i < parameters.Length; i++)
        {
            command.Parameters[i].Value = parameters[i].Value ?? DBNull.Value;
        }

        return command;
    }

    public int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = Command(sql, parameters);
        return Run(command.ExecuteNonQuery);
    }

    /// <exception cref="PhishMeException">The file cannot be used.</exception>
    /// <exception cref="StateDamagedException">The file is no intact database.</exception>
    public T Run<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException exception)
        {
            throw Failed(exception, path);
        }
        catch (Exception exception) when (exception is InvalidCastException or ArgumentException or OverflowException or FormatException)
        {
            // Values that no run ever wrote: the pages are in order, what stands in them is not.
            throw new StateDamagedException(path, exception);
        }
    }

    public static Exception Failed(SqliteException exception, string path)
    {
        const int Corrupt = 11, NotADatabase = 26;
        return exception.SqliteErrorCode is Corrupt or NotADatabase
            ? new StateDamagedException(path, exception)
            : new PhishMeException(Faults.StateUnavailable, $"The state file cannot be used: {exception.Message}", path, exception);
    }

    public void Dispose()
    {
        foreach (var command in _commands.Values)
        {
            command.Dispose();
        }

        if (ownsConnection)
        {
            connection.Dispose();
        }
    }
}
