namespace PhishMe.Intelligence;

/// <summary>The one catalogue of error ids, with category, exit code and recommended action.</summary>
public static class Faults
{
    /// <summary>The configuration file does not exist.</summary>
    public static FaultKind ConfigurationNotFound { get; } = Define(
        "ConfigurationNotFound", FaultCategory.ObjectNotFound, ExitCode.Configuration,
        "Give the path of an existing config.ini, or create one with New-PhishMeConfiguration or from config.ini.sample.");

    /// <summary>The configuration file cannot be read.</summary>
    public static FaultKind ConfigurationUnreadable { get; } = Define(
        "ConfigurationUnreadable", FaultCategory.PermissionDenied, ExitCode.Configuration,
        "Give the account that runs the integration permission to read and write the file.");

    /// <summary>The configuration holds at least one error.</summary>
    public static FaultKind ConfigurationInvalid { get; } = Define(
        "ConfigurationInvalid", FaultCategory.InvalidData, ExitCode.Configuration,
        "Correct what the findings name; 'phishme check -conf PATH' or Test-PhishMeConfiguration lists them.");

    /// <summary>The position could not be written to the configuration file.</summary>
    public static FaultKind ConfigurationUnwritable { get; } = Define(
        "ConfigurationUnwritable", FaultCategory.WriteError, ExitCode.OutputFailed,
        "Give the account that runs the integration permission to write the file and its folder. Nothing is lost: the state file has the position.");

    /// <summary>Another run holds the lock.</summary>
    public static FaultKind RunLocked { get; } = Define(
        "RunLocked", FaultCategory.ResourceBusy, ExitCode.Locked,
        "Wait for the other run to end; the next scheduled run continues.");

    /// <summary>There is no destination of that id.</summary>
    public static FaultKind DestinationNotFound { get; } = Define(
        "DestinationNotFound", FaultCategory.ObjectNotFound, ExitCode.Usage,
        "Get-PhishMeDestination or 'phishme destinations' lists the destinations; one that was never delivered to need not be reset.");

    /// <summary>A destination that is made from the store cannot be given single threats.</summary>
    public static FaultKind DestinationIsRebuilt { get; } = Define(
        "DestinationIsRebuilt", FaultCategory.InvalidOperation, ExitCode.Usage,
        "Run the integration, which makes it from the store.");

    /// <summary>The target refused a threat that was published.</summary>
    public static FaultKind ThreatRejected { get; } = Define(
        "ThreatRejected", FaultCategory.InvalidData, ExitCode.DoneWithDeadLetters,
        "Read what the target said; Get-PhishMeDeadLetter shows what was set aside. Correct the settings of the destination, then publish with -Force.");

    /// <summary>A threat was not published.</summary>
    public static FaultKind ThreatNotPublished { get; } = Define(
        "ThreatNotPublished", FaultCategory.InvalidData, ExitCode.Usage,
        "Get the current version with Get-PhishMeThreat. -Force publishes an older or withdrawn version.");

    /// <summary>The lock file cannot be opened.</summary>
    public static FaultKind LockUnavailable { get; } = Define(
        "LockUnavailable", FaultCategory.PermissionDenied, ExitCode.Configuration,
        "Choose a lock_file in a folder that the account can write to.");

    /// <summary>The API refused the credentials (401 or 403).</summary>
    public static FaultKind CredentialsRefused { get; } = Define(
        "CredentialsRefused", FaultCategory.AuthenticationError, ExitCode.CredentialsRefused,
        "Check user and pass in [pm_api], or the credential passed to Connect-PhishMe; create a new API token in the portal under Settings, API Tokens.");

    /// <summary>The API cannot be reached.</summary>
    public static FaultKind ApiUnreachable { get; } = Define(
        "ApiUnreachable", FaultCategory.ConnectionError, ExitCode.ApiFailing,
        "Check the address of the API, the proxy and the network path to TCP 443; the next run continues where this one stopped.");

    /// <summary>The certificate of the API was refused.</summary>
    public static FaultKind ApiCertificateRefused { get; } = Define(
        "ApiCertificateRefused", FaultCategory.AuthenticationError, ExitCode.ApiFailing,
        "Check base_url and the clock of this machine. If a gateway inspects TLS, name its certificate authority with ca_file in [pm_api].");

    /// <summary>The proxy wants credentials, or does not let us through.</summary>
    public static FaultKind ProxyRefused { get; } = Define(
        "ProxyRefused", FaultCategory.AuthenticationError, ExitCode.ApiFailing,
        "Check auth_basic_use, auth_basic_user and auth_basic_pass in [local_proxy], and that the proxy permits CONNECT to the API.");

    /// <summary>The API answers, but with errors.</summary>
    public static FaultKind ApiFailing { get; } = Define(
        "ApiFailing", FaultCategory.ResourceUnavailable, ExitCode.ApiFailing,
        "Wait; the next run continues where this one stopped. If it persists, contact the vendor's support.");

    /// <summary>The API asked to slow down and did not relent.</summary>
    public static FaultKind ApiThrottled { get; } = Define(
        "ApiThrottled", FaultCategory.ResourceBusy, ExitCode.ApiFailing,
        "Lower requests_per_second and concurrent_requests in [pm_api], or run less often.");

    /// <summary>An answer of the API is not what the documentation promises.</summary>
    public static FaultKind ApiAnswerInvalid { get; } = Define(
        "ApiAnswerInvalid", FaultCategory.InvalidData, ExitCode.ApiFailing,
        "Check base_url, and check that no proxy or login page answers instead of the API.");

    /// <summary>The API does not know the position.</summary>
    public static FaultKind PositionRefused { get; } = Define(
        "PositionRefused", FaultCategory.InvalidArgument, ExitCode.ApiFailing,
        "Check position in [pm_api], or remove its value to start a new backfill from init_date. Start a named position again with Sync-PhishMeIntelligence -Since.");

    /// <summary>Something asked for by id does not exist.</summary>
    public static FaultKind ThreatNotFound { get; } = Define(
        "ThreatNotFound", FaultCategory.ObjectNotFound, ExitCode.ApiFailing,
        "Check the id and its product: m_<number> is malware, p_<number> is phish. It may have been withdrawn.");

    /// <summary>There is no Active Threat Report.</summary>
    public static FaultKind ReportNotFound { get; } = Define(
        "ReportNotFound", FaultCategory.ObjectNotFound, ExitCode.ApiFailing,
        "Only malware threats with HasReport have a report; check the id with Get-PhishMeThreat.");

    /// <summary>A value to search for is not an indicator.</summary>
    public static FaultKind IndicatorNotRecognized { get; } = Define(
        "IndicatorNotRecognized", FaultCategory.InvalidArgument, ExitCode.Usage,
        "Give a URL, domain, IP address, hash or e-mail address. For anything else use parameters such as -FileName, -Subject or -Family.");

    /// <summary>A text is not a threat id.</summary>
    public static FaultKind ThreatIdInvalid { get; } = Define(
        "ThreatIdInvalid", FaultCategory.InvalidArgument, ExitCode.Usage,
        "Write m_<number> for malware or p_<number> for phish, or just the number together with -Type.");

    /// <summary>There is no session.</summary>
    public static FaultKind NotConnected { get; } = Define(
        "NotConnected", FaultCategory.ConnectionError, ExitCode.Usage,
        "Run Connect-PhishMe first, or pass a session with -Session, such as -Session $using:session in ForEach-Object -Parallel.");

    /// <summary>An address to connect to is not a URL.</summary>
    public static FaultKind AddressInvalid { get; } = Define(
        "AddressInvalid", FaultCategory.InvalidArgument, ExitCode.Usage,
        "Write the whole URL, beginning with https:// or http://.");

    /// <summary>The credentials could not be read from a vault.</summary>
    public static FaultKind SecretUnavailable { get; } = Define(
        "SecretUnavailable", FaultCategory.ObjectNotFound, ExitCode.Usage,
        "Install Microsoft.PowerShell.SecretManagement, unlock the vault and store the API token as a credential: Set-Secret -Name NAME -Secret (Get-Credential).");

    /// <summary>A named position does not exist.</summary>
    public static FaultKind PositionMissing { get; } = Define(
        "PositionMissing", FaultCategory.ObjectNotFound, ExitCode.Usage,
        "Create it with Sync-PhishMeIntelligence -Since, such as -Since (Get-Date).AddDays(-7), or with Set-PhishMePosition. Get-PhishMePosition lists the existing ones.");

    /// <summary>A text is not a valid name for a position.</summary>
    public static FaultKind PositionNameInvalid { get; } = Define(
        "PositionNameInvalid", FaultCategory.InvalidArgument, ExitCode.Usage,
        "Use up to 64 letters, digits, hyphens and underscores.");

    /// <summary>Another sync holds the position.</summary>
    public static FaultKind PositionBusy { get; } = Define(
        "PositionBusy", FaultCategory.ResourceBusy, ExitCode.Locked,
        "Wait for the other sync to end, or use a different position.");

    /// <summary>The positions of this user cannot be read or written.</summary>
    public static FaultKind PositionUnavailable { get; } = Define(
        "PositionUnavailable", FaultCategory.ResourceUnavailable, ExitCode.OutputFailed,
        "Check free space and permissions of the folder, or set the environment variable PHISHME_HOME to another folder.");

    /// <summary>The run took longer than run_timeout_minutes.</summary>
    public static FaultKind RunTimedOut { get; } = Define(
        "RunTimedOut", FaultCategory.OperationTimeout, ExitCode.ApiFailing,
        "The next run continues where this one stopped. If it recurs, raise run_timeout_minutes in [pm_api].");

    /// <summary>An output could not be written.</summary>
    public static FaultKind OutputFailed { get; } = Define(
        "OutputFailed", FaultCategory.WriteError, ExitCode.OutputFailed,
        "Check free space and permissions of the path. Nothing is lost: the next run repeats the batch.");

    /// <summary>The syslog collector cannot be reached, or the connection to it broke.</summary>
    public static FaultKind SyslogUnreachable { get; } = Define(
        "SyslogUnreachable", FaultCategory.ConnectionError, ExitCode.OutputFailed,
        "Check syslog_host, syslog_port, syslog_transport and the network path. Nothing is lost: the events wait and the next run sends them.");

    /// <summary>The TLS handshake with the syslog collector failed: its certificate was refused, or ours.</summary>
    public static FaultKind SyslogCertificateRefused { get; } = Define(
        "SyslogCertificateRefused", FaultCategory.AuthenticationError, ExitCode.OutputFailed,
        "Check syslog_ca_file, syslog_server_name, syslog_client_certificate and the collector's certificate. Nothing is lost: the events wait.");

    /// <summary>A product cannot be reached, or fails whatever is asked of it.</summary>
    public static FaultKind DestinationUnavailable { get; } = Define(
        "DestinationUnavailable", FaultCategory.ConnectionError, ExitCode.OutputFailed,
        "Check the address in the section named, the network path and the product. Nothing is lost: what is queued is delivered by the next run.");

    /// <summary>A product refused the credentials (401 or 403).</summary>
    public static FaultKind DestinationCredentialsRefused { get; } = Define(
        "DestinationCredentialsRefused", FaultCategory.AuthenticationError, ExitCode.OutputFailed,
        "Check the credentials in the section named and what the account may do in the product. Nothing is lost: what is queued waits.");

    /// <summary>The certificate of a product was refused.</summary>
    public static FaultKind DestinationCertificateRefused { get; } = Define(
        "DestinationCertificateRefused", FaultCategory.AuthenticationError, ExitCode.OutputFailed,
        "Name the authority of the product's certificate in ca_file of the section named. Nothing is lost: what is queued waits.");

    /// <summary>Something answered that is not the product.</summary>
    public static FaultKind DestinationAnswerInvalid { get; } = Define(
        "DestinationAnswerInvalid", FaultCategory.InvalidData, ExitCode.OutputFailed,
        "Check the address in the section named: a gateway or a login page may answer for the product. Nothing is lost: what is queued waits.");

    /// <summary>A product refuses whatever it is sent, because of a setting.</summary>
    public static FaultKind DestinationMisconfigured { get; } = Define(
        "DestinationMisconfigured", FaultCategory.InvalidData, ExitCode.OutputFailed,
        "Correct the key named, here or in the product. Nothing is lost: what is queued waits.");

    /// <summary>The state file cannot be opened or written.</summary>
    public static FaultKind StateUnavailable { get; } = Define(
        "StateUnavailable", FaultCategory.ResourceUnavailable, ExitCode.OutputFailed,
        "Check free space and permissions of the state file. Nothing is lost: the next run repeats the batch.");

    /// <summary>The state file was written by a newer version.</summary>
    public static FaultKind StateTooNew { get; } = Define(
        "StateTooNew", FaultCategory.InvalidData, ExitCode.Configuration,
        "Install the newer version of the module again, or name a different state file with db in [local_sqlite].");

    /// <summary>The PostgreSQL server of a shared state cannot be reached, or the connection to it broke.</summary>
    public static FaultKind StateServerUnreachable { get; } = Define(
        "StateServerUnreachable", FaultCategory.ConnectionError, ExitCode.OutputFailed,
        "Check that the PostgreSQL server runs, and the network path to it. Nothing is lost: the next run repeats the batch.");

    /// <summary>The PostgreSQL server of a shared state refused the account or the connection, or its certificate was refused.</summary>
    public static FaultKind StateServerRefused { get; } = Define(
        "StateServerRefused", FaultCategory.AuthenticationError, ExitCode.OutputFailed,
        "Check name, password and rights of the account, pg_hba.conf and the certificates. Nothing is lost: the next run repeats the batch.");

    /// <summary>The PostgreSQL server of a shared state reports an error.</summary>
    public static FaultKind StateServerFailing { get; } = Define(
        "StateServerFailing", FaultCategory.ResourceUnavailable, ExitCode.OutputFailed,
        "Read the log of the PostgreSQL server; check its free space. Nothing is lost: the next run repeats the batch.");

    /// <summary>The connection broke during a commit, and the server could not be asked what became of it.</summary>
    public static FaultKind StateCommitUnknown { get; } = Define(
        "StateCommitUnknown", FaultCategory.ConnectionError, ExitCode.OutputFailed,
        "Start the next run when the PostgreSQL server is back: it learns what was committed and repairs the files. Nothing is lost.");

    /// <summary>Another run took over the lease of this one.</summary>
    public static FaultKind StateLeaseLost { get; } = Define(
        "StateLeaseLost", FaultCategory.ResourceBusy, ExitCode.Locked,
        "Nothing needs to be done: the run that took over continues, and nothing of this one was committed since.");

    /// <summary>There is no state to copy.</summary>
    public static FaultKind StateNotFound { get; } = Define(
        "StateNotFound", FaultCategory.ObjectNotFound, ExitCode.Configuration,
        "Check db in [local_sqlite] and the connection: 'phishme state copy --to' copies the state file, '--from' the shared state.");

    /// <summary>The target of a copy holds a state already.</summary>
    public static FaultKind StateNotEmpty { get; } = Define(
        "StateNotEmpty", FaultCategory.ResourceExists, ExitCode.Configuration,
        "Name a target without a state. A shared state is removed with DROP SCHEMA, a state file by moving it away, if it is not needed any more.");

    /// <summary>A state is a copy that was not completed.</summary>
    public static FaultKind StateCopyUnfinished { get; } = Define(
        "StateCopyUnfinished", FaultCategory.ResourceUnavailable, ExitCode.Configuration,
        "Run 'phishme state copy' again: it continues where it was stopped.");

    /// <summary>A copy of a state is not like the original.</summary>
    public static FaultKind StateCopyFailed { get; } = Define(
        "StateCopyFailed", FaultCategory.InvalidData, ExitCode.OutputFailed,
        "Check that nothing else writes to either state, remove the copy, and run 'phishme state copy' again. The original is unchanged.");

    /// <summary>There is no state file to look up in.</summary>
    public static FaultKind StoreNotFound { get; } = Define(
        "StoreNotFound", FaultCategory.ObjectNotFound, ExitCode.Configuration,
        "Name a state file (-Store, --store), a config.ini that names one (-ConfigPath, -conf), or a shared state (-Connection, --connection). Fill a store by running the integration with use = True in [local_sqlite], with Sync-PhishMeIntelligence -Store, or with 'phishme store rebuild --from'.");

    /// <summary>The state file is damaged.</summary>
    public static FaultKind StoreDamaged { get; } = Define(
        "StoreDamaged", FaultCategory.InvalidData, ExitCode.OutputFailed,
        "Run 'phishme store check'. The next run sets the damaged file aside and starts a new one; 'phishme store rebuild --from' refills it from JSON.");

    /// <summary>Another program is writing the state file.</summary>
    public static FaultKind StoreLocked { get; } = Define(
        "StoreLocked", FaultCategory.ResourceBusy, ExitCode.Locked,
        "Wait for the current run or rebuild to end, then try again.");

    /// <summary>The state file was written by an older version.</summary>
    public static FaultKind StoreTooOld { get; } = Define(
        "StoreTooOld", FaultCategory.InvalidData, ExitCode.Configuration,
        "Run the integration once; it upgrades the file.");

    /// <summary>A file to search or to read threats from cannot be read.</summary>
    public static FaultKind InputUnreadable { get; } = Define(
        "InputUnreadable", FaultCategory.ReadError, ExitCode.Usage,
        "Check that the path exists, that you have permission to read it, and that the file is complete.");

    /// <summary>A search field the store does not know.</summary>
    public static FaultKind SearchFieldUnknown { get; } = Define(
        "SearchFieldUnknown", FaultCategory.InvalidArgument, ExitCode.Usage,
        "Use the names of the API, such as malwareFamily, brand, domain, ip, allHash, urlSearch.");

    /// <summary>An input object or text is not what the command accepts.</summary>
    public static FaultKind InputInvalid { get; } = Define(
        "InputInvalid", FaultCategory.InvalidData, ExitCode.Usage,
        "Pass threats of this module, or JSON with one whole threat per string (Get-Content -Raw for a file with one threat).");

    /// <summary>Parameters were given that cannot be combined.</summary>
    public static FaultKind ParameterConflict { get; } = Define(
        "ParameterConflict", FaultCategory.InvalidArgument, ExitCode.Usage,
        "Remove the parameter, or add the one that it needs. Get-Help shows which parameters can be combined.");

    /// <summary>A value that is compared as a whole has a wildcard.</summary>
    public static FaultKind WildcardNotSupported { get; } = Define(
        "WildcardNotSupported", FaultCategory.InvalidArgument, ExitCode.Usage,
        "Give the whole value. -Family and -Brand take wildcards; for anything else, filter the result with Where-Object.");

    /// <summary>A path is not a file path.</summary>
    public static FaultKind PathInvalid { get; } = Define(
        "PathInvalid", FaultCategory.InvalidArgument, ExitCode.Usage,
        "Give the path of one file in an existing folder. Use -LiteralPath for a name with wildcard characters.");

    /// <summary>A file already exists and must not be replaced.</summary>
    public static FaultKind FileExists { get; } = Define(
        "FileExists", FaultCategory.ResourceExists, ExitCode.Usage,
        "Choose another path, or allow the file to be replaced: remove -NoClobber, or add -Force if the command has it.");

    /// <summary>A file that the user named cannot be written.</summary>
    public static FaultKind FileUnwritable { get; } = Define(
        "FileUnwritable", FaultCategory.WriteError, ExitCode.OutputFailed,
        "Check free space and the permissions of the file and its folder. -Force, if the command has it, replaces a read-only file.");

    /// <summary>A setting does not exist or is not valid.</summary>
    public static FaultKind SettingInvalid { get; } = Define(
        "SettingInvalid", FaultCategory.InvalidArgument, ExitCode.Usage,
        "Write settings as section.key, such as pm_api.results_per_page; about_PhishMe_Configuration lists them.");

    /// <summary>The server cannot listen.</summary>
    public static FaultKind ServerNotStarted { get; } = Define(
        "ServerNotStarted", FaultCategory.ResourceUnavailable, ExitCode.OutputFailed,
        "Check listen and certificate in the section named: the address must be one of this machine and free, the certificate readable for this account.");

    /// <summary>The program that serves is not installed.</summary>
    public static FaultKind ServerNotFound { get; } = Define(
        "ServerNotFound", FaultCategory.ObjectNotFound, ExitCode.Unexpected,
        "Put phishme-server into the folder of phishme; the package of phishme holds both.");

    /// <summary>The scheduler of the operating system refused the schedule.</summary>
    public static FaultKind ScheduleRefused { get; } = Define(
        "ScheduleRefused", FaultCategory.InvalidOperation, ExitCode.Unexpected,
        "Check the permissions of the account, and that the program which the message names runs. -WhatIf shows the steps, so that you can do them by hand.");

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

    /// <summary>An unexpected error.</summary>
    public static FaultKind Unexpected { get; } = Define(
        "Unexpected", FaultCategory.NotSpecified, ExitCode.Unexpected,
        "See the log for the stack trace, and report it together with the log of this run.");

    /// <summary>All entries, for documentation and tests.</summary>
    public static IReadOnlyList<FaultKind> All =>
    [
        ConfigurationNotFound, ConfigurationUnreadable, ConfigurationInvalid, ConfigurationUnwritable, RunLocked, DestinationNotFound, DestinationIsRebuilt, ThreatRejected, ThreatNotPublished, LockUnavailable,
        CredentialsRefused, ApiUnreachable, ApiCertificateRefused, ProxyRefused, ApiFailing, ApiThrottled, ApiAnswerInvalid, PositionRefused, ThreatNotFound, ReportNotFound,
        IndicatorNotRecognized, ThreatIdInvalid, NotConnected, AddressInvalid, SecretUnavailable,
        PositionMissing, PositionNameInvalid, PositionBusy, PositionUnavailable, RunTimedOut,
        OutputFailed, SyslogUnreachable, SyslogCertificateRefused, DestinationUnavailable, DestinationCredentialsRefused,
        DestinationCertificateRefused, DestinationAnswerInvalid, DestinationMisconfigured, StateUnavailable, StateTooNew,
        StateServerUnreachable, StateServerRefused, StateServerFailing, StateCommitUnknown, StateLeaseLost, StateNotFound, StateNotEmpty, StateCopyUnfinished, StateCopyFailed, StoreNotFound, StoreDamaged, StoreLocked,
        StoreTooOld, InputUnreadable, InputInvalid, SearchFieldUnknown, ParameterConflict, WildcardNotSupported, PathInvalid, FileExists, FileUnwritable, SettingInvalid, ServerNotStarted, ServerNotFound, ScheduleRefused, Cancelled, EngineUnavailable, Usage, Unexpected,
    ];

    private static FaultKind Define(string id, FaultCategory category, ExitCode exitCode, string action) =>
        new() { Id = id, Category = category, ExitCode = exitCode, RecommendedAction = action };
}
