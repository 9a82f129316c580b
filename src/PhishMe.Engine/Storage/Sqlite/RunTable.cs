using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>The runs: which are under way, and how past ones ended.</summary>
internal sealed class RunTable(SqliteSession session)
{
    private const int KeptRuns = 1000;

    private long _sequence;

    public int Begin(string runId, DateTimeOffset now)
    {
        _sequence = (long)session.Command(
            "INSERT INTO run (run_id, process_id, host, started_at) VALUES ($run, $process, $host, $started) RETURNING sequence",
            ("$run", runId), ("$process", Environment.ProcessId), ("$host", Environment.MachineName), ("$started", now.ToUnixTimeMilliseconds())).ExecuteScalar()!;
        return session.Command("DELETE FROM run WHERE sequence <= $oldest", ("$oldest", _sequence - KeptRuns)).ExecuteNonQuery();
    }

    /// <param name="now">Our clock.</param>
    /// <param name="repaired">Whether this run and what earlier ones left open are over; otherwise the next one repairs.</param>
    /// <param name="exitCode">How the run ended.</param>
    /// <param name="summary">Its summary as JSON; null for work that is not a run.</param>
    public void End(DateTimeOffset now, bool repaired, ExitCode exitCode, string? summary)
    {
        if (repaired)
        {
            session.Command("UPDATE run SET ended_at = $ended WHERE ended_at IS NULL", ("$ended", now.ToUnixTimeMilliseconds())).ExecuteNonQuery();
        }

        session.Command(
            "UPDATE run SET exit_code = $code, summary = $summary WHERE sequence = $sequence",
            ("$code", (int)exitCode), ("$summary", summary), ("$sequence", _sequence)).ExecuteNonQuery();
    }

    /// <summary>The newest run that did not say how it ended; null when all did.</summary>
    public RunRecord? Unfinished()
    {
        using var row = session.Command(
            "SELECT run_id, process_id, host, started_at FROM run WHERE ended_at IS NULL ORDER BY sequence DESC LIMIT 1").ExecuteReader();
        return row.Read()
            ? new RunRecord(row.GetString(0), row.GetInt32(1), row.GetString(2), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)))
            : null;
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<string> Summaries(int most)
    {
        var summaries = new List<string>();
        using var row = session.Command(
            "SELECT summary FROM run WHERE summary IS NOT NULL ORDER BY sequence DESC LIMIT $most", ("$most", most)).ExecuteReader();
        while (row.Read())
        {
            summaries.Add(row.GetString(0));
        }

        return summaries;
    }
}
