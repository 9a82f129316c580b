using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>The runs of all hosts: which are under way, and how past ones ended. What a run left in the middle is put in order by the next run on its host.</summary>
internal sealed class SharedRuns(PostgreSqlSession session)
{
    private const int KeptRuns = 1000;

    private long _sequence;

    private string Host => session.Address.Address.Host;

    public async Task BeginAsync(string runId, DateTimeOffset now)
    {
        _sequence = (long)(await session.ScalarAsync(
            "INSERT INTO run (run_id, process_id, host, started_at) VALUES ($1, $2, $3, $4) RETURNING sequence",
            runId, Environment.ProcessId, Host, now.ToUnixTimeMilliseconds()).ConfigureAwait(false))!;

        // The newest of another host that did not end stays, however old it is: that host has to repair.
        await session.ExecuteAsync(
            "DELETE FROM run WHERE sequence <= $1 AND (ended_at IS NOT NULL OR host = $2)", _sequence - KeptRuns, Host).ConfigureAwait(false);
    }

    /// <param name="now">Our clock.</param>
    /// <param name="repaired">Whether this run and what earlier ones left open on this host are over; otherwise the next one repairs.</param>
    /// <param name="exitCode">How the run ended.</param>
    /// <param name="summary">Its summary as JSON; null for work that is not a run.</param>
    public async Task EndAsync(DateTimeOffset now, bool repaired, ExitCode exitCode, string? summary)
    {
        if (repaired)
        {
            await session.ExecuteAsync(
                "UPDATE run SET ended_at = $1 WHERE ended_at IS NULL AND host = $2", now.ToUnixTimeMilliseconds(), Host).ConfigureAwait(false);
        }

        await session.ExecuteAsync("UPDATE run SET exit_code = $1, summary = $2 WHERE sequence = $3", (int)exitCode, summary, _sequence).ConfigureAwait(false);
    }

    /// <summary>The newest run of this host that did not say how it ended; null when all did.</summary>
    public RunRecord? Unfinished() => session.Rows(
        row => new RunRecord(row.GetString(0), row.GetInt32(1), row.GetString(2), row.Time(3)),
        "SELECT run_id, process_id, host, started_at FROM run WHERE ended_at IS NULL AND host = $1 ORDER BY sequence DESC LIMIT 1", Host) is [var run] ? run : null;

    /// <summary>Whether a run of any host began after the newest that ended in order, and did not.</summary>
    public bool DidLastDie() => session.Scalar(
        "SELECT EXISTS (SELECT FROM run WHERE ended_at IS NULL AND sequence > coalesce((SELECT max(sequence) FROM run WHERE ended_at IS NOT NULL), 0))") is true;

    /// <summary>Newest first, of all hosts.</summary>
    public async Task<IReadOnlyList<string>> SummariesAsync(int most) => await session.RowsAsync(
        row => row.GetString(0), "SELECT summary FROM run WHERE summary IS NOT NULL ORDER BY sequence DESC LIMIT $1", most).ConfigureAwait(false);
}
