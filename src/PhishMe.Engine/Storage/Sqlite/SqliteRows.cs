using System.Text;
using Microsoft.Data.Sqlite;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>
/// Inserts rows of one table, many with one execution of a statement: beginning and ending a statement costs as much as the row itself.
/// </summary>
/// <remarks>
/// A conflict rule is named with the table, because without one SQLite keeps a journal for each statement of more than one row: it would have to take back
/// the rows before the one that fails. Here a row that fails ends the transaction.
/// </remarks>
internal sealed class SqliteRows : IDisposable
{
    /// <summary>Measured: more gain nothing.</summary>
    private const int AtOnce = 16;

    private readonly SqliteStatement _many;
    private readonly SqliteStatement _one;
    private readonly int _columns;

    /// <param name="connection">The state file.</param>
    /// <param name="insert">The statement up to the list of columns: <c>INSERT OR IGNORE INTO table</c>.</param>
    /// <param name="columns">The columns.</param>
    public SqliteRows(SqliteConnection connection, string insert, params IReadOnlyCollection<string> columns)
    {
        _columns = columns.Count;
        var row = $"({string.Join(", ", Enumerable.Repeat("?", _columns))})";
        var head = new StringBuilder(insert).Append(" (").AppendJoin(", ", columns).Append(") VALUES ").ToString();
        _many = new SqliteStatement(connection, head + string.Join(", ", Enumerable.Repeat(row, AtOnce)), notesBound: true);
        _one = new SqliteStatement(connection, head + row);
    }

    /// <summary>Sets the values of a row.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="first">The number of the row's first parameter.</param>
    /// <param name="row">The row.</param>
    public delegate void Binding<T>(SqliteStatement statement, int first, in T row);

    /// <summary>Inserts rows in their order.</summary>
    public void Insert<T>(ReadOnlySpan<T> rows, Binding<T> bind)
    {
        for (; rows.Length >= AtOnce; rows = rows[AtOnce..])
        {
            for (var i = 0; i < AtOnce; i++)
            {
                bind(_many, 1 + (i * _columns), in rows[i]);
            }

            _many.Run();
        }

        foreach (ref readonly var row in rows)
        {
            bind(_one, 1, in row);
            _one.Run();
        }
    }

    public void Dispose()
    {
        _many.Dispose();
        _one.Dispose();
    }
}
