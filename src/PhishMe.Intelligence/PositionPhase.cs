namespace PhishMe.Intelligence;

/// <summary>What a sync from a named position does first.</summary>
public enum PositionPhase
{
    /// <summary>It hands over what was published up to now.</summary>
    Backfill,

    /// <summary>It follows the changes.</summary>
    Following,
}
