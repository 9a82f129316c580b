using PhishMe.Intelligence;

namespace PhishMe.Engine.Threats;

/// <summary>One line of the changelog (reference/api.md §5.2).</summary>
internal readonly record struct ChangelogEntry(ThreatId Id, bool Deleted);
