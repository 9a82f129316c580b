namespace PhishMe.Intelligence;

/// <summary>As whom a scheduled integration runs.</summary>
public enum ScheduleScope
{
    /// <summary>As the user who registers it.</summary>
    User,

    /// <summary>As the system: root, or LocalSystem.</summary>
    System,
}
