namespace PhishMe.Intelligence;

/// <summary>What keeps phishme-server running.</summary>
public enum ServerServiceKind
{
    /// <summary>A Windows service.</summary>
    WindowsService,

    /// <summary>A systemd service.</summary>
    Systemd,
}
