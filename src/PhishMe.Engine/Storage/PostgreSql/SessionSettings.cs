namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>What a session of a run asks of its server, as far as that knows it.</summary>
internal static class SessionSettings
{
    /// <summary>
    /// A dead host must not keep the lease: the server looks whether its clients are there. A commit must survive the loss of power, because config.ini
    /// shows the position right after it.
    /// </summary>
    private const string Sql =
        """
        SELECT set_config(name, value, false) FROM pg_settings JOIN (VALUES
            ('client_connection_check_interval', '2s'), ('tcp_keepalives_idle', '15'), ('tcp_keepalives_interval', '5'), ('tcp_keepalives_count', '3'))
            AS wanted (name, value) USING (name)
        UNION ALL SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
        """;

    public static void Apply(PostgreSqlSession session) => session.Rows(row => row.GetString(0), Sql);
}
