using System.Globalization;
using PhishMe.Engine.Destinations;
using PhishMe.Engine.Running.Logging;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Running.Checking;

/// <summary>Could a run work with the database of [state]? Connection, version, rights, clock, and who has the lease. Nothing for a state file.</summary>
internal static class StateServerCheck
{
    private static readonly TimeSpan _tolerableSkew = TimeSpan.FromSeconds(30);

    /// <summary>Older ones are no longer maintained, and do not notice at once that a host is gone.</summary>
    private static readonly Version _oldestMaintained = new(14, 0);

    /// <summary>Asks the server.</summary>
    /// <param name="states">Opens the state.</param>
    /// <param name="location">Where it is.</param>
    /// <param name="mask">Hides what no message may show.</param>
    public static IEnumerable<CheckResult> Run(IStateBackend states, StateLocation location, SecretMask mask)
    {
        if (location.Shared is not SharedStateAddress shared)
        {
            return [];
        }

        try
        {
            return states.Inspect(location) is StateServerReport report ? ResultsOf(report, shared) : [];
        }
        catch (PhishMeException exception)
        {
            return [Checks.Fail("Shared state", mask.Hide(exception.Fault))];
        }
    }

    private static IEnumerable<CheckResult> ResultsOf(StateServerReport report, SharedStateAddress shared)
    {
        yield return report.TakesChanges
            ? report.IsEncrypted == false
                ? Checks.Warn("Shared state", $"{shared} answers, but the connection is not encrypted.", "Remove SSL Mode from connection in [state]: the default verifies TLS.")
                : Checks.Pass("Shared state", $"{shared} answers.")
            : Checks.Fail("Shared state", $"{shared} answers, but the server is a standby or read-only, so a run cannot work with it.", "Name the primary in connection in [state], or all servers, separated by commas.");
        yield return OfVersion(report);
        if (!report.Encoding.Equals("UTF8", StringComparison.OrdinalIgnoreCase))
        {
            yield return Checks.Fail("Encoding", $"The database has the encoding {report.Encoding}, which does not have every character of a threat.", "Make a database with ENCODING 'UTF8'.");
        }

        yield return report.MissingRights.Count == 0
            ? Checks.Pass("Rights", "The account may do what a run does.")
            : Checks.Fail("Rights", $"The account lacks {string.Join(", ", report.MissingRights)}.", "Grant the rights; docs/shared-state.md has the statements.");
        yield return OfTables(report);
        yield return report.ClockAhead.Duration() <= _tolerableSkew
            ? Checks.Pass("Clock of the shared state", "The clock matches the server's.")
            : Checks.Warn(
                "Clock of the shared state",
                string.Create(CultureInfo.InvariantCulture, $"The clock of this machine is {report.ClockAhead.Duration():c} {(report.ClockAhead > TimeSpan.Zero ? "behind" : "ahead of")} that of the PostgreSQL server."),
                "Correct it: what one host postpones another sends when it is due by its own clock.");
        if (report.Holder is string holder)
        {
            yield return Checks.Warn("Lease", $"A run is under way: {holder} (program, host, process).", "Wait until it has ended; a second run would end at once with exit code 11.");
        }
    }

    private static CheckResult OfVersion(StateServerReport report) => report.ServerVersion < _oldestMaintained
        ? Checks.Warn("PostgreSQL", $"The server has version {report.ServerVersion}, which is no longer maintained.", "Use PostgreSQL 14 or newer: it notices at once that a host is gone.")
        : Checks.Pass("PostgreSQL", $"The server has version {report.ServerVersion}.");

    private static CheckResult OfTables(StateServerReport report) => report.Version switch
    {
        0 => Checks.Pass("Tables", "There are no tables yet; the first run makes them."),
        var version when version > report.NewestVersion => Checks.Fail(
            "Tables",
            string.Create(CultureInfo.InvariantCulture, $"The shared state has version {version}; this program knows versions up to {report.NewestVersion}."),
            "Install the newest version of PhishMe on this host, too."),
        var version when version < report.NewestVersion => Checks.Warn(
            "Tables",
            string.Create(CultureInfo.InvariantCulture, $"The shared state has version {version}; the next run brings it to {report.NewestVersion}, and older programs can then no longer use it."),
            "Update PhishMe on all hosts."),
        var version => Checks.Pass("Tables", string.Create(CultureInfo.InvariantCulture, $"The shared state has version {version}.")),
    };
}
