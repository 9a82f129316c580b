namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>A copy of the shared state in temporary tables of a session, which hide those that are shared. The store stays out: it may be very large.</summary>
internal static class SharedStateCopy
{
    private static readonly (string Table, string Column)[] _numbered =
        [("destination", "destination"), ("queue", "sequence"), ("dead_letter", "letter"), ("run", "sequence")];

    public static void Make(PostgreSqlSession session)
    {
        var exists = SharedSchema.VersionOf(session) == SharedSchema.NewestVersion;
        using var transaction = session.Connection.BeginTransaction(System.Data.IsolationLevel.RepeatableRead);
        session.Execute(string.Join(";\n", SharedTables.All.Select(table => table.Sql
            .Replace("CREATE TABLE ", "CREATE TEMPORARY TABLE ", StringComparison.Ordinal)
            .Replace("ALTER TABLE ", "ALTER TABLE pg_temp.", StringComparison.Ordinal))));
        if (exists)
        {
            session.Execute(string.Join(";\n", SharedTables.All.Where(table => !table.IsStore)
                .Select(table => $"INSERT INTO pg_temp.{table.Name} SELECT * FROM {session.Address.Schema}.{table.Name}")));
        }

        foreach ((var table, var column) in _numbered)
        {
            session.Execute($"SELECT setval(pg_get_serial_sequence('pg_temp.{table}', '{column}'), (SELECT max({column}) FROM pg_temp.{table}))");
        }

        transaction.Commit();
    }
}
