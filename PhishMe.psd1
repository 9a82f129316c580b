@{
    RootModule           = 'PhishMe.PowerShell.dll'
    ModuleVersion        = '1.0.0'
    GUID                 = '9815b9e4-3511-44cc-8d74-b00b88d8cd74'
    Author               = 'The PhishMe for PowerShell contributors'
    CompanyName          = 'The PhishMe for PowerShell contributors'
    Copyright            = 'Copyright (c) The PhishMe for PowerShell contributors. MIT licence.'
    Description          = 'Keeps the tools of a security operations centre in step with PhishMe (Cofense) Intelligence: unattended from one config.ini, or in the shell and in pipelines.'

    # 7.6 LTS on .NET 10: the engine needs a load context and a shared framework that older lines do not have.
    PowerShellVersion    = '7.6'
    CompatiblePSEditions = @('Core')

    # Named one by one: a wildcard would make PowerShell load the module to find out what it exports.
    CmdletsToExport      = @(
        'Connect-PhishMe'
        'ConvertFrom-PhishMeJson'
        'ConvertTo-PhishMeCef'
        'ConvertTo-PhishMeJson'
        'ConvertTo-PhishMeMisp'
        'ConvertTo-PhishMeStix'
        'Disconnect-PhishMe'
        'Export-PhishMeCef'
        'Export-PhishMeDashboard'
        'Export-PhishMeFeed'
        'Export-PhishMeIndicatorList'
        'Export-PhishMeJson'
        'Export-PhishMeMisp'
        'Export-PhishMeStix'
        'Find-PhishMeIndicator'
        'Get-PhishMeDeadLetter'
        'Get-PhishMeDestination'
        'Get-PhishMeIndicator'
        'Get-PhishMePosition'
        'Get-PhishMeReport'
        'Get-PhishMeRun'
        'Get-PhishMeStatistics'
        'Get-PhishMeThreat'
        'Invoke-PhishMeIntegration'
        'New-PhishMeConfiguration'
        'Publish-PhishMeThreat'
        'Register-PhishMeSchedule'
        'Register-PhishMeServer'
        'Reset-PhishMeDestination'
        'Send-PhishMeSyslog'
        'Set-PhishMePosition'
        'Sync-PhishMeIntelligence'
        'Test-PhishMeConfiguration'
        'Test-PhishMeConnection'
        'Test-PhishMeDestination'
    )
    FunctionsToExport    = @()
    AliasesToExport      = @()
    VariablesToExport    = @()

    FormatsToProcess     = @('PhishMe.Format.ps1xml')

    PrivateData          = @{
        PSData = @{
            Tags                     = @(
                'PhishMe', 'Cofense', 'ThreatIntelligence', 'Phishing', 'CEF', 'STIX', 'SIEM', 'SOC'
                'PSEdition_Core', 'Windows', 'Linux', 'MacOS'
            )
            LicenseUri               = 'https://opensource.org/license/mit'
            RequireLicenseAcceptance = $false
            # Those of CHANGELOG.md, written by PHISHME_REGENERATE=1 dotnet test.
            ReleaseNotes             = @'
- Each output is a destination with an offset of its own: one that is switched on later, or was off, catches up by itself, from the store or by a backfill of
  its own. `Get-PhishMeDestination`, `Reset-PhishMeDestination` and `phishme destinations` show them and start one over.
- Feed files made of the store: Carbon Black (`[integration_carbon_black]`), LogRhythm, Centripetal, MineMeld with the lists of PAN-OS, QRadar. Sorted, unique,
  replaced as a whole, not touched when nothing changed; a withdrawal is absence. LogRhythm (`append = True`) and QRadar append as the original did.
- Carbon Black: `register_feed = True` registers the feed and synchronizes it by API, in full when something left it. LogRhythm: `mode = rest` keeps lists by the REST
  API. MineMeld: `mode = localdb` pushes indicators to a node.
- `Export-PhishMeFeed` writes the files of one of these products to a path, from a pipeline or the local store, without a configuration file.
- ArcSight, McAfee SIEM and FireEye Security Orchestrator (`[integration_arcsight]`, `[integration_mcafee_siem]`,
  `[integration_fireeye_security_orchestrator]`) get events by syslog beside `[integration_raw_cef]`, each with its own collector, queue and position; the last
  one also as JSON. `[integration_defaults]` has what all products share. One page per product is in `docs/products`.
- `Test-PhishMeDestination` and `phishme check` try every destination in use without writing anything: permissions and free space of files, name, connection
  and TLS of collectors, credentials of targets by HTTP; each result says what to do next. `phishme check` no longer makes a temporary file in each folder.
- `score_major`, `score_moderate`, `score_minor` and `score_none` in `[integration_defaults]` are the confidence, or the score, of what the vendor did not rate, in every
  product that has one and in STIX 2.1 that is made here; the section of a product may have its own.
- QRadar: `mode = cef` sends events by syslog.
- A state file that was lost empties no feed: files that would lose more than half of their rows stay until a new backfill has filled the store, and each run says so.
- `phishme serve` runs `phishme-server`, a program of its own: feed files over HTTP(S) (`[feed_server]`), a page that shows how the integration is doing, with a search
  in the store, figures for Prometheus at `/metrics` and `/healthz`. It listens for this machine alone unless it has a certificate and credentials.
  `Register-PhishMeServer` makes a systemd or Windows service of it, `Export-PhishMeDashboard` writes the page as a file.
- Pages of TAXII are rendered once for all readers and sent with gzip to those that accept it. Slow clients, and the first count of a large store, hold no one up.
- More than one host: `[state] connection` keeps the state in a PostgreSQL database that hosts share. One run at a time over all of them, take-over by the next
  scheduled run after a death, files of each host complete by catching up, queues that any host sends. `phishme check` tries it. `docs/shared-state.md` has it.
- Look-ups, exports and statistics read a shared state by `-Connection` or `--connection`: an account that may only read, or a read replica, will do. Values of a pipe
  and logs go to the server many at once. `phishme state copy --to` and `--from` move a state between its file and a shared state. `docs/scale.md` has what was measured.
- `[local_metrics] textfile` names a file with the figures of each run for Prometheus's node_exporter; `otlp_endpoint` (and `otlp_headers`) sends them, and those of
  `phishme-server`, to an OpenTelemetry collector by OTLP over HTTP. A collector that is down is a warning and nothing else.
- The status page and `/metrics` show who reads which collection or feed file, when it last polled, and how far it has come.
- `Publish-PhishMeThreat` delivers threats of the pipeline to one destination at once, and the next run does not deliver them again.
- Splunk (HTTP event collector, with and without acknowledgement), QRadar (reference sets), TippingPoint SMS and ThreatConnect get threats over HTTP: in
  batches, with retries, at the pace of the product. A bad item becomes a dead letter, a wrong setting stops the one product, and what a product has already
  is not sent again. What no live threat carries any more is taken back.
- Products over HTTP follow `[integration_defaults]` (`minimum_impact`, `include_corollary`, `products`, `retention_days`, `retract`). What is older than
  `retention_days`, and what falls below the lowest impact in a newer version of a threat, is taken back there; the summary counts by kind what was offered,
  delivered, not carried and rejected, and warns of a product that stays empty. The pace of each product is remembered from run to run. A product that is down
  for days costs no more disk than `queue_max_mb` and one batch.
- CRITs, ThreatQ, Anomali ThreatStream, Splunk SOAR (Phantom) and Recorded Future over HTTP, each with a page that says what arrives, what is promised and
  what a withdrawal does there.
- Elasticsearch and OpenSearch (`[integration_elasticsearch]`), MISP over REST (`[integration_misp]`), Microsoft Sentinel (`[integration_microsoft_sentinel]`) and
  Defender for Endpoint (`[integration_microsoft_defender]`), each with a page. `docs/products/README.md` compares all products: how, what arrives, what a withdrawal
  does, verified against what.
- Hosts and URLs have one canonical form wherever they are compared: the store, look-ups, log files and allow lists. Links within links are found. Logs
  compressed with gzip are read, and one that is damaged or cut off is searched to that place, which is named. The next run rebuilds the index of an existing store.
- Windows: files that a reader, an editor or a backup holds stop no run; `docs/windows.md` says what was verified there and how, and
  `tests/Windows/Verify.ps1` tries the rest. New files are for their owner only. `config.ini` open or read-only is a warning, not exit code 14.
- The module brings its engine compiled ahead for linux-x64 and win-x64.
- Proxies that ask for Negotiate, NTLM or Digest, or for the account's own credentials (`auth`); the system's proxy or PAC file (`use = system`).
- `[local_log] event_log` hands errors and the end of each run to the Windows event log, journald or syslog.
- `Register-PhishMeSchedule -ProgramPath` schedules `phishme` instead of PowerShell. What is scheduled is the program of the session, and it is tried first:
  a program that does not run is refused.
- If `Sync-PhishMeIntelligence -Since` is stopped before its first page, the next call continues from there; before, it had no position.
- Something to install: `dotnet build -t:Package` makes a package for `Install-PSResource`, a zip, the native `phishme` of the platform, lists of the packages
  inside (CycloneDX) and checksums.
- `dotnet run --project samples/QuickStart` shows the module itself, in a PowerShell that is restored as a package.
- `docs/reference` has the facts about the API and the formats that the code relies on, `docs/invariants.md` what holds for every run and the tests of it.
- A time without a zone is UTC everywhere. `-Since` and `-Until` are the names on all cmdlets; `-PublishedAfter` and `-PublishedBefore` are aliases.
- Names take wildcards (`-Family`, `-Brand`, `-Role`), `-First` gives the newest threats, and indicators are flat: `Export-Csv` writes them as they are, with
  dates in ISO 8601.
- `phishme sync` writes its summary to standard output only on a terminal or with `--verbose`, `--json` or `--dry-run`. The lock file exists only during a run.
- Views, errors, the log and the command line show control characters and terminal escapes as visible codes.
- Block lists and CSV hold nothing that is not safe to block unless asked for: `-IncludeBenign`, `-IncludePrivateAddress`, `-IncludeEmptyFile` beside
  `-IncludeCorollary`; what was left out is counted by reason. CSV neutralises formulas (`-KeepFormula` does not).
- STIX 2.1 revokes, and MISP deletes, an indicator that a newer version of a threat no longer has, in exports from the store, too. `valid_until` is written only with `valid_days` or `-ValidDays`.
- TLP 2.0 as people write it (`amber+strict`, `TLP:AMBER`, `white`), in `config.ini` and on cmdlets.
- Watch-list entries of unusual types (File Hash, FQDN and others) go out as what they are; what no one knows is counted in the warnings of a run.
- The run driven by `config.ini`: backfill, updates, CEF, JSON and STIX to append files and per-threat files, with resume, withdrawal, dead
  letters, one lock, one rolling log and exit codes (`phishme sync`, `Invoke-PhishMeIntegration`).
- `phishme` as a native program for hosts without .NET (`-p:Native=true`).
- `phishme check` and `Test-PhishMeConfiguration` report every finding about a configuration at once.
- A simulator of the API over real HTTP, with faults on request.
- Sessions and pipelines: `Connect-PhishMe`, `Get-PhishMeThreat`, `Get-PhishMeIndicator`, `Sync-PhishMeIntelligence` with named positions, reports,
  conversions and exports to JSON, CEF, STIX 1.1.1 and 2.1, MISP and lists, schedules, configuration files; help and about topics.
- CEF over syslog (UDP, TCP, TLS) with an outbox in the state file; proxy, authorities, client certificates, secrets by reference.
- A local store of threats and indicators, with look-ups that need no network (`phishme find`, `phishme store`).
- `Find-PhishMeIndicator`, `Get-PhishMeStatistics`, `Get-PhishMeThreat -FromStore` and the `Export-` cmdlets with `-FromStore` read the local store;
  `Sync-PhishMeIntelligence -Store` fills one.
- Conditions on every export and conversion: product, date, family, kind, impact, role, and an allow list of what is never written.
- CEF and STIX rendered from the JSON (`source = local`), STIX 2.1 bundles, which revoke what was withdrawn.
- How many requests the API takes at a time and per second is found by itself; `concurrent_requests` (16) and `requests_per_second` (none)
  are ceilings. The summary of a run says what was found (`pace`), and the next run starts there.
- Starts faster: a look-up by the native program takes a tenth less processor time, an idle run of the managed one compiles a fifth fewer methods. The native
  program is a third larger.
- Threats are stored and rendered as STIX 2.1 with less processor time. Processes that share a low limit of the API are refused less often and share it more evenly.
- TAXII 2.1: `[taxii_server]` with `phishme serve` is complete for reading: collections by product and impact, `added_after`, `limit`, `next`, all `match` filters, objects by id, versions, manifest.
- OpenCTI (`[integration_opencti]`) and any TAXII 2.1 server (`[integration_taxii]`) get indicators, families and reports; TippingPoint SMS 6 by `mode = taxii`.
- `[integration_misp_feed]` keeps a folder that MISP reads as a feed, with deletions.
'@
        }
    }
}
