namespace PhishMe.Intelligence;

/// <summary>The port between a shell (cmdlets, command line) and the engine.</summary>
public interface IIntelligenceEngine
{
    /// <summary>The named positions of this user.</summary>
    IPositionShelf Positions { get; }

    /// <summary>Makes a session for interactive use; nothing is sent before it is asked for something.</summary>
    /// <param name="options">Where it leads and as whom.</param>
    /// <returns>The session; dispose it.</returns>
    /// <exception cref="PhishMeException">The configuration file is not valid, or an address is not a URL.</exception>
    IIntelligenceSession Connect(SessionOptions options);

    /// <summary>Checks a configuration file and reports all errors and warnings; never throws because of its content.</summary>
    /// <param name="path">Path of the file.</param>
    /// <returns>The findings.</returns>
    ConfigurationReport TestConfiguration(string path);

    /// <summary>Checks configuration, paths, permissions, clock, reachability and credentials.</summary>
    /// <param name="path">Path of the configuration file.</param>
    /// <param name="cancellationToken">Stops the check.</param>
    /// <returns>One result per check, in order.</returns>
    IAsyncEnumerable<CheckResult> CheckAsync(string path, CancellationToken cancellationToken);

    /// <summary>Checks destinations: whether they can be reached and would take what a run delivers. Nothing is written anywhere.</summary>
    /// <param name="configurationPath">Path of the configuration file.</param>
    /// <param name="names">Ids of destinations, with or without wildcards; empty for all in use.</param>
    /// <param name="cancellationToken">Stops the check.</param>
    /// <returns>One result per check, destination by destination. Of a configuration that is not valid, its errors.</returns>
    /// <exception cref="PhishMeException">The file cannot be read, or no destination in use has one of these names
    /// (<see cref="Faults.DestinationNotFound"/>).</exception>
    IAsyncEnumerable<CheckResult> CheckDestinationsAsync(string configurationPath, IReadOnlyList<string> names, CancellationToken cancellationToken);

    /// <summary>The ids of the destinations in use, without opening any file but the configuration.</summary>
    /// <param name="configurationPath">Path of the configuration file.</param>
    /// <returns>The ids; empty when the configuration is not valid.</returns>
    IReadOnlyList<string> GetDestinationNames(string configurationPath);

    /// <summary>Runs the integration that a config.ini describes. Failures are in the summary, not thrown.</summary>
    /// <param name="request">What to run.</param>
    /// <param name="progress">Receives how far it is; may be null.</param>
    /// <param name="cancellationToken">Stops the run; what was finished is kept.</param>
    /// <returns>The summary.</returns>
    Task<RunSummary> RunAsync(RunRequest request, IProgress<RunProgress>? progress, CancellationToken cancellationToken);

    /// <summary>What is set aside at present: single threats that could not be had, and why.</summary>
    /// <param name="configurationPath">Path of the configuration file; names the state file.</param>
    /// <returns>The dead letters, oldest first; empty if there is no state file yet.</returns>
    /// <exception cref="PhishMeException">The configuration or the state file cannot be read.</exception>
    IReadOnlyList<DeadLetterRecord> GetDeadLetters(string configurationPath);

    /// <summary>The destinations that a configuration file describes, and those that it described once.</summary>
    /// <param name="configurationPath">Path of the configuration file; names the state file.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Each with its offset, what waits, its last delivery and its last error.</returns>
    /// <exception cref="PhishMeException">The configuration or the state file cannot be read.</exception>
    Task<IReadOnlyList<DestinationStatus>> GetDestinationsAsync(string configurationPath, CancellationToken cancellationToken);

    /// <summary>
    /// Delivers threats to one destination outside of a run and records it, so that the next run does not deliver them again. Takes the lock of runs.
    /// </summary>
    /// <param name="request">What to publish, and where.</param>
    /// <param name="progress">Told how far it is; may be null.</param>
    /// <param name="cancellationToken">Stops it; what was recorded and not sent waits for the next run.</param>
    /// <returns>What became of each threat, and why not everything was sent if it was not.</returns>
    /// <exception cref="PhishMeException">Nothing was sent: there is no such destination in use (<see cref="Faults.DestinationNotFound"/>), it is made
    /// from the store (<see cref="Faults.DestinationIsRebuilt"/>), a run is under way (<see cref="Faults.RunLocked"/>), or the configuration or the state
    /// cannot be used.</exception>
    Task<PublishResult> PublishAsync(PublishRequest request, IProgress<RunProgress>? progress, CancellationToken cancellationToken);

    /// <summary>Forgets what a destination was given: the next run delivers everything to it again, and to no other.</summary>
    /// <param name="configurationPath">Path of the configuration file; names the state file.</param>
    /// <param name="id">The destination.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The destination as it is now.</returns>
    /// <exception cref="PhishMeException">There is no such destination (<see cref="Faults.DestinationNotFound"/>), a run is under way, or the state
    /// cannot be written.</exception>
    Task<DestinationStatus> ResetDestinationAsync(string configurationPath, string id, CancellationToken cancellationToken);

    /// <summary>The summaries of past runs.</summary>
    /// <param name="configurationPath">Path of the configuration file; names the state file.</param>
    /// <param name="most">How many at most, 1 or more.</param>
    /// <returns>The summaries, newest first; empty if there is no state file yet. A run that was killed has no summary.</returns>
    /// <exception cref="PhishMeException">The configuration or the state file cannot be read.</exception>
    IReadOnlyList<RunSummary> GetRuns(string configurationPath, int most);

    /// <summary>Shows how the integration is doing as one HTML document that needs nothing else: the page that <c>phishme serve</c> shows.</summary>
    /// <param name="configurationPath">Path of the configuration file; names the state file.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The document.</returns>
    /// <exception cref="PhishMeException">The configuration or the state file cannot be read.</exception>
    Task<string> GetDashboardAsync(string configurationPath, CancellationToken cancellationToken);

    /// <summary>Opens the store in a state file for look-ups without the network.</summary>
    /// <param name="path">Path of the state file.</param>
    /// <returns>The store; dispose it.</returns>
    /// <exception cref="PhishMeException">The file cannot be read, is damaged, or is of another version. That there is none is said by the first
    /// use, because a rebuild may make it.</exception>
    IIntelligenceStore OpenStore(string path);

    /// <summary>Opens the store in the state file that a configuration file names.</summary>
    /// <param name="configurationPath">Path of the configuration file.</param>
    /// <returns>The store; dispose it.</returns>
    /// <exception cref="PhishMeException">The configuration does not say which file, or the file cannot be read.</exception>
    IIntelligenceStore OpenConfiguredStore(string configurationPath);

    /// <summary>Opens the store in a database that hosts share, for look-ups. An account that may only read will do, and so will a standby.</summary>
    /// <param name="connection">Keywords and values of Npgsql, or <c>env:NAME</c>, <c>file:PATH</c> or <c>secret:NAME</c>, which has them.</param>
    /// <returns>The store; dispose it. Its path is what messages call the database; credentials are in no message.</returns>
    /// <exception cref="PhishMeException">The connection or the secret cannot be used (<see cref="Faults.StateServerRefused"/>,
    /// <see cref="Faults.SecretUnavailable"/>), the server cannot be reached, or there is no shared state in the database.</exception>
    IIntelligenceStore OpenSharedStore(string connection);

    /// <summary>Copies a state from the state file to a database that hosts share, or back, and compares the copy with it. A copy that was stopped is continued.</summary>
    /// <param name="request">What is copied.</param>
    /// <param name="progress">Receives how far it is; may be null.</param>
    /// <param name="cancellationToken">Stops it; the same call continues it later.</param>
    /// <returns>What was copied.</returns>
    /// <exception cref="PhishMeException">There is no such state, a run is under way (<see cref="Faults.RunLocked"/>), the target holds a state already
    /// (<see cref="Faults.StateNotEmpty"/>), or the copy is not like the original (<see cref="Faults.StateCopyFailed"/>).</exception>
    StateCopySummary CopyState(StateCopyRequest request, IProgress<RunProgress>? progress, CancellationToken cancellationToken);

    /// <summary>Makes the one renderer of a form, which runs and cmdlets share. Cheap; reads and opens nothing.</summary>
    /// <param name="options">The form, and what may differ.</param>
    /// <returns>The renderer.</returns>
    /// <exception cref="PhishMeException">An entry of the allow list is nothing that could be looked for.</exception>
    IThreatRenderer CreateRenderer(RenderingOptions options);

    /// <summary>The feeds of files that can be written, by the name of their product.</summary>
    IReadOnlyList<FeedDescription> Feeds { get; }

    /// <summary>Makes a writer of a feed that needs no configuration file.</summary>
    /// <param name="options">Which feed, where, and with which indicators.</param>
    /// <returns>The writer; dispose it.</returns>
    /// <exception cref="PhishMeException">There is no such feed (<see cref="Faults.DestinationNotFound"/>), the folder cannot be written to, or an entry of the
    /// allow list cannot be looked for.</exception>
    IFeedWriter CreateFeedWriter(FeedOptions options);

    /// <summary>Reads a threat from the JSON of the API, such as a line of an append file.</summary>
    /// <param name="json">One JSON object; the threat keeps the bytes.</param>
    /// <returns>The threat.</returns>
    /// <exception cref="PhishMeException">The JSON is not a threat.</exception>
    Threat ReadThreat(ReadOnlyMemory<byte> json);

    /// <summary>Makes a sender to a syslog collector; nothing is opened before the first event.</summary>
    /// <param name="target">The collector.</param>
    /// <returns>The sender; dispose it.</returns>
    IEventSender CreateEventSender(SyslogCollector target);

    /// <summary>Makes a sender to the collector that a configuration file names; nothing is opened before the first event.</summary>
    /// <param name="configurationPath">Path of the configuration file.</param>
    /// <returns>The sender; dispose it.</returns>
    /// <exception cref="PhishMeException">The configuration cannot be read, or names no collector.</exception>
    IEventSender CreateEventSender(string configurationPath);

    /// <summary>Writes a commented configuration file that only its owner may read.</summary>
    /// <param name="configuration">Where, and what differs from the defaults.</param>
    /// <exception cref="PhishMeException">It cannot be written, or a value does not fit its key.</exception>
    void CreateConfiguration(NewConfiguration configuration);
}
