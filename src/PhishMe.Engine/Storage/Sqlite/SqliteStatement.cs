using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>
/// One prepared statement without the cost of ADO.NET: the store binds and steps millions of times. Parameters and columns are numbered,
/// parameters from 1, columns from 0. Spans are valid until the next step.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    /// <summary>Stands in <see cref="_bound"/> for NULL, which a parameter is in the beginning. No number of the state file is so low.</summary>
    private const long Nothing = long.MinValue;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    /// <summary>The integers that are bound, by parameter; null when they are not noted.</summary>
    private readonly long[]? _bound;

    /// <param name="connection">The connection.</param>
    /// <param name="sql">The statement.</param>
    /// <param name="notesBound">Whether an integer is left alone that is bound already: for statements whose many parameters hardly change.</param>
    public SqliteStatement(SqliteConnection connection, string sql, bool notesBound = false)
    {
        _database = connection.Handle ?? throw new InvalidOperationException("The connection is not open.");
        Check(raw.sqlite3_prepare_v2(_database, sql, out _statement));
        if (notesBound)
        {
            _bound = new long[raw.sqlite3_bind_parameter_count(_statement) + 1];
            Array.Fill(_bound, Nothing);
        }
    }

    public SqliteStatement Bind(int parameter, long value)
    {
        if (IsNew(parameter, value))
        {
            Check(raw.sqlite3_bind_int64(_statement, parameter, value));
        }

        return this;
    }

    public SqliteStatement Bind(int parameter, long? value)
    {
        if (value is long known)
        {
            return Bind(parameter, known);
        }

        if (IsNew(parameter, Nothing))
        {
            Check(raw.sqlite3_bind_null(_statement, parameter));
        }

        return this;
    }

    public SqliteStatement Bind(int parameter, string? value)
    {
        Check(value is null ? raw.sqlite3_bind_null(_statement, parameter) : raw.sqlite3_bind_text(_statement, parameter, value));
        return this;
    }

    public SqliteStatement BindText(int parameter, ReadOnlySpan<byte> value)
    {
        Check(raw.sqlite3_bind_text(_statement, parameter, value));
        return this;
    }

    public SqliteStatement BindBlob(int parameter, ReadOnlySpan<byte> value)
    {
        Check(raw.sqlite3_bind_blob(_statement, parameter, value));
        return this;
    }

    /// <returns>Whether there is a row; after the last one the statement is ready to be bound again.</returns>
    public bool Step()
    {
        var result = raw.sqlite3_step(_statement);
        if (result == raw.SQLITE_ROW)
        {
            return true;
        }

        if (result == raw.SQLITE_DONE)
        {
            Reset();
            return false;
        }

        var message = raw.sqlite3_errmsg(_database).utf8_to_string();
        Reset();
        throw new SqliteException(message, result & 0xFF, result);
    }

    /// <summary>Steps through everything.</summary>
    public void Run()
    {
        while (Step())
        {
            // Rows of no interest.
        }
    }

    /// <summary>Ends the reading before the last row, and with it the read transaction.</summary>
    public void Reset() => _ = raw.sqlite3_reset(_statement);

    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    public bool IsBlob(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_BLOB;

    public bool IsInteger(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_INTEGER;

    public long Integer(int column) => raw.sqlite3_column_int64(_statement, column);

    public long? NullableInteger(int column) => IsNull(column) ? null : Integer(column);

    /// <summary>A blob, or a text as UTF-8.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(_statement, column);

    public string? Text(int column) => IsNull(column) ? null : System.Text.Encoding.UTF8.GetString(Bytes(column));

    public void Dispose() => _statement.Dispose();

    private bool IsNew(int parameter, long value)
    {
        if (_bound is null)
        {
            return true;
        }

        var isNew = _bound[parameter] != value;
        _bound[parameter] = value;
        return isNew;
    }

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
        {
            throw new SqliteException(raw.sqlite3_errmsg(_database).utf8_to_string(), result & 0xFF, result);
        }
    }
}
