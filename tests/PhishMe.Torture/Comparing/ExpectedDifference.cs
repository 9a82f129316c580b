namespace PhishMe.Torture.Comparing;

/// <summary>The differences that were made on purpose since the old program, and why. Everything else is a finding.</summary>
internal static class ExpectedDifference
{
    private static readonly (string Part, string Reason)[] _all =
    [
        ("indicator.valid_until only before", "valid_until is written only where valid_days asks for it"),
        ("malware.description only before", "families have no description, because each threat words it differently"),
        ("control characters", "control characters are U+FFFD in CEF rendered here"),
        (": revoked indicator only now", "an indicator that left its threat is revoked"),
        (": revoked relationship only now", "so are the relationships of such an indicator"),
        (": revoked report, id of the bundle", "it follows from the time of the announcement"),
        (": revoked report.created differs", "the time at which the withdrawal of an unknown threat was announced"),
        (": revoked report.modified differs", "the time at which the withdrawal of an unknown threat was announced"),
        (": revoked report.published differs", "the time at which the withdrawal of an unknown threat was announced"),
        ("summary.outputs[].bytesAppended differs", "it is what the append files hold, whose contents differ"),
        ("summary.pace only now", "new in the summary"),
        ("summary.destinations only now", "new in the summary"),
    ];

    /// <returns>Why the difference is there; null when it is not expected.</returns>
    public static string? ReasonOf(string kind) =>
        Array.Find(_all, expected => kind.Contains(expected.Part, StringComparison.Ordinal)).Reason;
}
