namespace PhishMe.Simulator.Catalog;

/// <summary>One line of the changelog.</summary>
internal readonly record struct ChangeEntry(ThreatKey Key, long OccurredOn, bool Deleted);
