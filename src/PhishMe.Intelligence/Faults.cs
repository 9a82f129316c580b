namespace PhishMe.Intelligence;

/// <summary>The one catalogue of error ids, with category, exit code and recommended action.</summary>
public static class Faults
{
    /// <summary>The configuration file does not exist.</summary>
    public static FaultKind ConfigurationNotFound { get; } = Define(
        "ConfigurationNotFound", FaultCategory.ObjectNotFound, ExitCode.Configuration,
        "Name an existing config.ini, or start from config.ini.sample.");

    /// <summary>The configuration file cannot be read.</summary>
    public static FaultKind ConfigurationUnreadable { get; } = Define(
        "ConfigurationUnreadable", FaultCategory.PermissionDenied, ExitCode.Configuration,
        "Give the account that runs the integration the right to read and write the file.");

    /// <summary>The configuration holds at least one error.</summary>
    public static FaultKind ConfigurationInvalid { get; } = Define(
        "ConfigurationInvalid", FaultCategory.InvalidData, ExitCode.Configuration,
        "Mend the findings listed; 'phishme check -conf PATH' or Test-PhishMeConfiguration lists them again.");

    /// <summary>The position could not be written to the configuration file.</summary>
    public static FaultKind ConfigurationUnwritable { get; } = Define(
        "ConfigurationUnwritable", FaultCategory.WriteError, ExitCode.OutputFailed,
        "Give the account that runs the integration the right to write the file and its folder. Nothing is lost: the state file holds the position.");

    /// <summary>Another run holds the lock.</summary>
    public static FaultKind RunLocked { get; } = Define(
        "RunLocked", FaultCategory.ResourceBusy, ExitCode.Locked,
        "Wait for the other run to end; the next scheduled run continues.");

    /// <summary>There is no destination of that id.</summary>
    public static FaultKind DestinationNotFound { get; } = Define(
        "DestinationNotFound", FaultCategory.ObjectNotFound, ExitCode.Usage,
        "Get-PhishMeDestination or 'phishme destinations' lists the destinations; one that was never delivered to need not be reset.");

    /// <summary>The lock file cannot be opened.</summary>
    public static FaultKind LockUnavailable { get; } = Define(
        "LockUnavailable", FaultCategory.PermissionDenied, ExitCode.Configuration,
        "Choose a lock_file in a folder the account may write to.");

    /// <summary>The API refused the credentials (401 or 403).</summary>
    public static FaultKind CredentialsRefused { get; } = Define(
        "CredentialsRefused", FaultCategory.AuthenticationError, ExitCode.CredentialsRefused,
        "Check user and pass in [pm_api], or the credential given to Connect-PhishMe; make a new API token in the portal under Settings, API Tokens.");

    /// <summary>The API cannot be reached.</summary>
    public static FaultKind ApiUnreachable { get; } = Define(
        "ApiUnreachable", FaultCategory.ConnectionError, ExitCode.ApiFailing,
        "Check the address of the API, the proxy and the network path to TCP 443; the next run continues where this one stopped.");

    /// <summary>The certificate of the API was refused.</summary>
    public static FaultKind ApiCertificateRefused { get; } = Define(
        "ApiCertificateRefused", FaultCategory.AuthenticationError, ExitCode.ApiFailing,
        "Check base_url, the clock of this machine and, where a gateway opens TLS, that ca_file in [pm_api] names its authority.");

    /// <summary>The proxy wants credentials, or does not let us through.</summary>
    public static FaultKind ProxyRefused { get; } = Define(
        "ProxyRefused", FaultCategory.AuthenticationError, ExitCode.ApiFailing,
        "Check auth_basic_use, auth_basic_user and auth_basic_pass in [local_proxy], and that the proxy permits CONNECT to the API.");

    /// <summary>The API answers, but with errors.</summary>
    public static FaultKind ApiFailing { get; } = Define(
        "ApiFailing", FaultCategory.ResourceUnavailable, ExitCode.ApiFailing,
        "Wait; the next run continues where this one stopped. If it lasts, ask the vendor's support.");

    /// <summary>The API asked to slow down and did not relent.</summary>
    public static FaultKind ApiThrottled { get; } = Define(
        "ApiThrottled", FaultCategory.ResourceBusy, ExitCode.ApiFailing,
        "Lower requests_per_second and concurrent_requests in [pm_api], or run less often.");

    /// <summary>An answer of the API is not what the documentation promises.</summary>
    public static FaultKind ApiAnswerInvalid { get; } = Define(
        "ApiAnswerInvalid", FaultCategory.InvalidData, ExitCode.ApiFailing,
        "Check base_url and that no proxy or portal page answers in the API's place.");

    /// <summary>The API does not know the position.</summary>
    public static FaultKind PositionRefused { get; } = Define(
        "PositionRefused", FaultCategory.InvalidArgument, ExitCode.ApiFailing,
        "Check position in [pm_api], or empty it to start a new backfill from init_date; a named position is started anew by Sync-PhishMeIntelligence -Since.");

    /// <summary>Something asked for by id does not exist.</summary>
    public static FaultKind ThreatNotFound { get; } = Define(
        "ThreatNotFound", FaultCategory.ObjectNotFound, ExitCode.ApiFailing,
        "Check the id and its product: m_<number> is malware, p_<number> is phish. It may have been withdrawn.");

    /// <summary>There is no Active Threat Report.</summary>
    public static FaultKind ReportNotFound { get; } = Define(
        "ReportNotFound", FaultCategory.ObjectNotFound, ExitCode.ApiFailing,
        "Only malware threats with HasReport have a report; check the id with Get-PhishMeThreat.");

    /// <summary>An indicator to search for is none.</summary>
    public static FaultKind IndicatorNotRecognized { get; } = Define(
        "IndicatorNotRecognized", FaultCategory.InvalidArgument, ExitCode.Usage,
        "Give a URL, domain, IP address, hash or e-mail address; search for other things with parameters such as -FileName, -Subject or -Family.");

    /// <summary>A text is no id of a threat.</summary>
    public static FaultKind ThreatIdInvalid { get; } = Define(
        "ThreatIdInvalid", FaultCategory.InvalidArgument, ExitCode.Usage,
        "Write m_<number> for malware or p_<number> for phish, or a number alone together with -Type.");

    /// <summary>There is no session.</summary>
    public static FaultKind NotConnected { get; } = Define(
        "NotConnected", FaultCategory.ConnectionError, ExitCode.Usage,
        "Run Connect-PhishMe first, or pass a session with -Session, such as -Session $using:session in ForEach-Object -Parallel.");

    /// <summary>An address to connect to is none.</summary>
    public static FaultKind AddressInvalid { get; } = Define(
        "AddressInvalid", FaultCategory.InvalidArgument, ExitCode.Usage,
        "Write a whole address that begins with https:// or http://.");

    /// <summary>The credentials could not be taken from a vault.</summary>
    public static FaultKind SecretUnavailable { get; } = Define(
        "SecretUnavailable", FaultCategory.ObjectNotFound, ExitCode.Usage,
        "Install Microsoft.PowerShell.SecretManagement, unlock the vault and store the API token as a credential: Set-Secret -Name NAME -Secret (Get-Credential).");

    /// <summary>A named position does not exist.</summary>
    public static FaultKind PositionMissing { get; } = Define(
        "PositionMissing", FaultCategory.ObjectNotFound, ExitCode.Usage,
        "Start it with Sync-PhishMeIntelligence -Since, such as -Since (Get-Date).AddDays(-7), or with Set-PhishMePosition; Get-PhishMePosition lists those there are.");

    /// <summary>A text is no name of a position.</summary>
    public static FaultKind PositionNameInvalid { get; } = Define(
        "PositionNameInvalid", FaultCategory.InvalidArgument, ExitCode.Usage,
        "Use up to 64 letters, digits, hyphens and underscores.");

    /// <summary>Another sync holds the position.</summary>
    public static FaultKind PositionBusy { get; } = Define(
        "PositionBusy", FaultCategory.ResourceBusy, ExitCode.Locked,
        "Wait for the other sync to end, or use a position of another name.");

    /// <summary>The positions of this user cannot be read or written.</summary>
    public static FaultKind PositionUnavailable { get; } = Define(
        "PositionUnavailable", FaultCategory.ResourceUnavailable, ExitCode.OutputFailed,
        "Check free space and rights of the folder named, or name another one in the environment variable PHISHME_HOME.");

    /// <summary>The run took longer than run_timeout_minutes.</summary>
    public static FaultKind RunTimedOut { get; } = Define(
        "RunTimedOut", FaultCategory.OperationTimeout, ExitCode.ApiFailing,
        "The next run continues where this one stopped. If it recurs, raise run_timeout_minutes in [pm_api].");

    /// <summary>An output could not be written.</summary>
    public static FaultKind OutputFailed { get; } = Define(
        "OutputFailed", FaultCategory.WriteError, ExitCode.OutputFailed,
        "Check free space and rights of the path named. Nothing is lost: the next run repeats the batch.");

    /// <summary>The syslog collector cannot be reached, or the connection to it broke.</summary>
    public static FaultKind SyslogUnreachable { get; } = Define(
        "SyslogUnreachable", FaultCategory.ConnectionError, ExitCode.OutputFailed,
        "Check syslog_host, syslog_port, syslog_transport and the network path. Nothing is lost: the events wait and the next run sends them.");

    /// <summary>The TLS handshake with the syslog collector failed: its certificate was refused, or ours.</summary>
    public static FaultKind SyslogCertificateRefused { get; } = Define(
        "SyslogCertificateRefused", FaultCategory.AuthenticationError, ExitCode.OutputFailed,
        "Check syslog_ca_file, syslog_server_name, syslog_client_certificate and the collector's certificate. Nothing is lost: the events wait.");

    /// <summary>The state file cannot be opened or written.</summary>
    public static FaultKind StateUnavailable { get; } = Define(
        "StateUnavailable", FaultCategory.ResourceUnavailable, ExitCode.OutputFailed,
        "Check free space and rights of the state file. Nothing is lost: the next run repeats the batch.");

    /// <summary>The state file was written by a newer version.</summary>
    public static FaultKind StateTooNew { get; } = Define(
        "StateTooNew", FaultCategory.InvalidData, ExitCode.Configuration,
        "Install the newer version of the module again, or name another state file in [local_sqlite] db.");

    /// <summary>There is no state file to look up in.</summary>
    public static FaultKind StoreNotFound { get; } = Define(
        "StoreNotFound", FaultCategory.ObjectNotFound, ExitCode.Configuration,
        "Name the state file of an integration that runs with use = True in [local_sqlite]; let it run once, or build the store with 'phishme store rebuild'.");

    /// <summary>The state file is damaged.</summary>
    public static FaultKind StoreDamaged { get; } = Define(
        "StoreDamaged", FaultCategory.InvalidData, ExitCode.OutputFailed,
        "Run 'phishme store check'. The next run sets a damaged file aside and starts a new one; 'phishme store rebuild --from' refills it from JSON.");

    /// <summary>Somebody else is writing the state file.</summary>
    public static FaultKind StoreLocked { get; } = Define(
        "StoreLocked", FaultCategory.ResourceBusy, ExitCode.Locked,
        "Wait for the run or the rebuild under way to end, then try again.");

    /// <summary>The state file was written by an older version.</summary>
    public static FaultKind StoreTooOld { get; } = Define(
        "StoreTooOld", FaultCategory.InvalidData, ExitCode.Configuration,
        "Let the integration run once: it brings the file to this version.");

    /// <summary>A file to search or to read threats from cannot be read.</summary>
    public static FaultKind InputUnreadable { get; } = Define(
        "InputUnreadable", FaultCategory.ReadError, ExitCode.Usage,
        "Check that the path exists and may be read.");

    /// <summary>A search field the store does not know.</summary>
    public static FaultKind SearchFieldUnknown { get; } = Define(
        "SearchFieldUnknown", FaultCategory.InvalidArgument, ExitCode.Usage,
        "Use the names of the API, such as malwareFamily, brand, domain, ip, allHash, urlSearch.");

    /// <summary>An object or text handed in is not what the command works on.</summary>
    public static FaultKind InputInvalid { get; } = Define(
        "InputInvalid", FaultCategory.InvalidData, ExitCode.Usage,
        "Hand in threats of this module, or JSON with one whole threat per string.");

    /// <summary>Parameters were given that do not go together.</summary>
    public static FaultKind ParameterConflict { get; } = Define(
        "ParameterConflict", FaultCategory.InvalidArgument, ExitCode.Usage,
        "Leave out the parameter named, or add the one it needs; Get-Help tells which go together.");

    /// <summary>A path does not lead to a file.</summary>
    public static FaultKind PathInvalid { get; } = Define(
        "PathInvalid", FaultCategory.InvalidArgument, ExitCode.Usage,
        "Name one file in an existing folder of the file system; use -LiteralPath for a name with wildcard characters.");

    /// <summary>A file is there already and was not to be replaced.</summary>
    public static FaultKind FileExists { get; } = Define(
        "FileExists", FaultCategory.ResourceExists, ExitCode.Usage,
        "Choose another path, or allow the file to be replaced: leave out -NoClobber, or add -Force where there is one.");

    /// <summary>A file that the user named cannot be written.</summary>
    public static FaultKind FileUnwritable { get; } = Define(
        "FileUnwritable", FaultCategory.WriteError, ExitCode.OutputFailed,
        "Check free space and rights of the file and its folder; where there is a -Force, it replaces a read-only file.");

    /// <summary>A setting does not exist or does not fit.</summary>
    public static FaultKind SettingInvalid { get; } = Define(
        "SettingInvalid", FaultCategory.InvalidArgument, ExitCode.Usage,
        "Write settings as section.key, such as pm_api.results_per_page; about_PhishMe_Configuration lists them.");

    /// <summary>The scheduler of the operating system did not take the schedule.</summary>
    public static FaultKind ScheduleRefused { get; } = Define(
        "ScheduleRefused", FaultCategory.InvalidOperation, ExitCode.Unexpected,
        "Check the rights of the account; -WhatIf shows what would be done, to be done by hand.");

    /// <summary>The run was cancelled.</summary>
    public static FaultKind Cancelled { get; } = Define(
        "Cancelled", FaultCategory.OperationStopped, ExitCode.Cancelled,
        "Run again: it continues where this one stopped.");

    /// <summary>The engine of the module cannot be loaded.</summary>
    public static FaultKind EngineUnavailable { get; } = Define(
        "EngineUnavailable", FaultCategory.ResourceUnavailable, ExitCode.Unexpected,
        "Install the module again: its engine folder is missing or incomplete.");

    /// <summary>The command line was wrong.</summary>
    public static FaultKind Usage { get; } = Define(
        "Usage", FaultCategory.InvalidArgument, ExitCode.Usage,
        "Run 'phishme --help'.");

    /// <summary>Something nobody foresaw.</summary>
    public static FaultKind Unexpected { get; } = Define(
        "Unexpected", FaultCategory.NotSpecified, ExitCode.Unexpected,
        "Look into the log for the trace and report it with the log of this run.");

    /// <summary>All entries, for documentation and tests.</summary>
    public static IReadOnlyList<FaultKind> All { get; } =
    [
        ConfigurationNotFound, ConfigurationUnreadable, ConfigurationInvalid, ConfigurationUnwritable, RunLocked, DestinationNotFound, LockUnavailable,
        CredentialsRefused, ApiUnreachable, ApiCertificateRefused, ProxyRefused, ApiFailing, ApiThrottled, ApiAnswerInvalid, PositionRefused, ThreatNotFound, ReportNotFound,
        IndicatorNotRecognized, ThreatIdInvalid, NotConnected, AddressInvalid, SecretUnavailable,
        PositionMissing, PositionNameInvalid, PositionBusy, PositionUnavailable, RunTimedOut,
        OutputFailed, SyslogUnreachable, SyslogCertificateRefused, StateUnavailable, StateTooNew, StoreNotFound, StoreDamaged, StoreLocked,
        StoreTooOld, InputUnreadable, InputInvalid, SearchFieldUnknown, ParameterConflict, PathInvalid, FileExists, FileUnwritable, SettingInvalid, ScheduleRefused, Cancelled, EngineUnavailable, Usage, Unexpected,
    ];

    private static FaultKind Define(string id, FaultCategory category, ExitCode exitCode, string action) =>
        new() { Id = id, Category = category, ExitCode = exitCode, RecommendedAction = action };
}
