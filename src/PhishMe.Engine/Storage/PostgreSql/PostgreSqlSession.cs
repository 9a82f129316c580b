using Npgsql;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>One connection to the shared state, which one task at a time uses, and what an error of it means.</summary>
internal sealed class PostgreSqlSession : IDisposable
{
    private readonly NpgsqlDataSource _source;
    private NpgsqlConnection _connection;

    private PostgreSqlSession(PostgreSqlAddress address, NpgsqlDataSource source, NpgsqlConnection connection)
    {
        Address = address;
        _source = source;
        _connection = connection;
    }

    public PostgreSqlAddress Address { get; }

    /// <summary>What messages call the database.</summary>
    public string Name => Address.Name;

    public NpgsqlConnection Connection => _connection;

    /// <summary>Whether the connection can still be used, as far as is known.</summary>
    public bool IsOpen => _connection.FullState == System.Data.ConnectionState.Open;

    /// <summary>Connects.</summary>
    /// <exception cref="PhishMeException">The server cannot be reached, or refuses us.</exception>
    public static PostgreSqlSession Open(SharedStateAddress shared, bool writes)
    {
        var address = PostgreSqlAddress.Read(shared);
        var source = address.Build(writes);
        try
        {
            return new PostgreSqlSession(address, source, source.OpenConnection());
        }
        catch (Exception exception) when (PostgreSqlErrors.IsOurs(exception))
        {
            source.Dispose();
            throw PostgreSqlErrors.Of(exception, address.Name);
        }
    }

    /// <summary>Connects anew in place of a connection that broke. Exceptions are those of the driver.</summary>
    public async Task ReopenAsync(CancellationToken cancellationToken)
    {
        var connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
        _connection = connection;
    }

    /// <summary>A command with its parameters, $1 first. Null is NULL.</summary>
    public NpgsqlCommand Command(string sql, params ReadOnlySpan<object?> values)
    {
#pragma warning disable CA2100 // Every statement is a constant, or made of numbers; values are parameters.
        var command = new NpgsqlCommand(sql, _connection);
#pragma warning restore CA2100
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value is string text ? StorableText.Of(text)! : value ?? DBNull.Value });
        }

        return command;
    }

    public int Execute(string sql, params ReadOnlySpan<object?> values)
    {
        using var command = Command(sql, values);
        return command.ExecuteNonQuery();
    }

    /// <returns>The first column of the first row; null when there is no row, or when the value is NULL.</returns>
    public object? Scalar(string sql, params ReadOnlySpan<object?> values)
    {
        using var command = Command(sql, values);
        return command.ExecuteScalar() is var value and not DBNull ? value : null;
    }

    public Task<int> ExecuteAsync(string sql, params ReadOnlySpan<object?> values) => ExecuteAsync(Command(sql, values));

    public Task<object?> ScalarAsync(string sql, params ReadOnlySpan<object?> values) => ScalarAsync(Command(sql, values));

    /// <summary>All rows of a query.</summary>
    public Task<List<T>> RowsAsync<T>(Func<NpgsqlDataReader, T> read, string sql, params ReadOnlySpan<object?> values) =>
        RowsAsync(read, Command(sql, values));

    /// <summary>All rows of a query.</summary>
    public List<T> Rows<T>(Func<NpgsqlDataReader, T> read, string sql, params ReadOnlySpan<object?> values)
    {
        using var command = Command(sql, values);
        using var row = command.ExecuteReader();
        var rows = new List<T>();
        while (row.Read())
        {
            rows.Add(read(row));
        }

        return rows;
    }

    /// <exception cref="PhishMeException">The shared state cannot be used.</exception>
    public T Run<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception exception) when (PostgreSqlErrors.IsOurs(exception))
        {
            throw PostgreSqlErrors.Of(exception, Name);
        }
    }

    /// <exception cref="PhishMeException">The shared state cannot be used.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception exception) when (PostgreSqlErrors.IsOurs(exception))
        {
            throw PostgreSqlErrors.Of(exception, Name);
        }
    }

    public void Dispose()
    {
        _connection.Dispose();
        _source.Dispose();
    }

    private static async Task<int> ExecuteAsync(NpgsqlCommand command)
    {
        await using (command.ConfigureAwait(false))
        {
            return await command.ExecuteNonQueryAsync().ConfigureAwait(false);
        }
    }

    private static async Task<object?> ScalarAsync(NpgsqlCommand command)
    {
        await using (command.ConfigureAwait(false))
        {
            return await command.ExecuteScalarAsync().ConfigureAwait(false) is var value and not DBNull ? value : null;
        }
    }

    private static async Task<List<T>> RowsAsync<T>(Func<NpgsqlDataReader, T> read, NpgsqlCommand command)
    {
        var rows = new List<T>();
        await using (command.ConfigureAwait(false))
        {
            var row = await command.ExecuteReaderAsync().ConfigureAwait(false);
            await using (row.ConfigureAwait(false))
            {
                while (await row.ReadAsync().ConfigureAwait(false))
                {
                    rows.Add(read(row));
                }
            }
        }

        return rows;
    }
}
