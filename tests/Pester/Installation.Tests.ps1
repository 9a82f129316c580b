#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    . (Join-Path $PSScriptRoot 'SimulatorProcess.ps1')
    . (Join-Path $PSScriptRoot 'FreshShell.ps1')
    . (Join-Path $PSScriptRoot 'SyslogCollector.ps1')
    . (Join-Path $PSScriptRoot 'InstallationFolder.ps1')
    Import-Module PhishMe
    $secret = [securestring]::new()
    ('p' * 31 + '%').ToCharArray().ForEach({ $secret.AppendChar($_) })
    $credential = [pscredential]::new('u' * 32, $secret)
    $documents = Join-Path $PSScriptRoot '../PhishMe.Engine.Tests/Rendering/Documents'
    $threats = 'malware_a', 'phish_a' | ForEach-Object { Get-Content -LiteralPath (Join-Path $documents "$_.json") -Raw } | ConvertFrom-PhishMeJson
}

Describe 'New-PhishMeConfiguration' {
    BeforeEach { $file = Join-Path $TestDrive "$([guid]::NewGuid()).ini" }

    It 'writes a file that a run would start with, and emits it' {
        $made = New-PhishMeConfiguration -ConfigPath $file -Credential $credential
        $made | Should -BeOfType System.IO.FileInfo
        $made.FullName | Should -Be $file
        $report = Test-PhishMeConfiguration -LiteralPath $file
        $report.Findings | Where-Object Severity -NE Information | Should -BeNullOrEmpty
        $report.IsValid | Should -BeTrue
        Get-Content -LiteralPath $file -Raw | Should -Match ([regex]::Escape('pass = ' + 'p' * 31 + '%'))
    }

    It 'is readable for its owner alone' -Skip:$IsWindows {
        $null = New-PhishMeConfiguration -ConfigPath $file
        [IO.File]::GetUnixFileMode($file) | Should -Be ([IO.UnixFileMode]'UserRead, UserWrite')
    }

    It 'replaces a file with -Force only' {
        Set-Content -LiteralPath $file -Value 'mine'
        New-PhishMeConfiguration -ConfigPath $file -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'FileExists,*'
        $failure[0].CategoryInfo.Category | Should -Be ResourceExists
        Get-Content -LiteralPath $file | Should -Be 'mine'
        $null = New-PhishMeConfiguration -ConfigPath $file -Force
        Get-Content -LiteralPath $file | Should -Contain '[pm_api]'
    }

    It 'writes nothing with -WhatIf' {
        New-PhishMeConfiguration -ConfigPath $file -WhatIf
        $file | Should -Not -Exist
    }

    It 'fills in what it is given' {
        $null = New-PhishMeConfiguration -ConfigPath $file -CredentialSource 'env:A', 'file:b' -BaseUri 'https://api.example/v1/' -StartDate 2025-06-01 -Position 'abc' `
            -Format Cef, Stix -OutputPath 'TestDrive:/out' -Proxy 'http://proxy.example:3128' -ProxyCredential $credential -Setting @{ 'pm_api.requests_per_second' = 2; 'output_cef.max_eps' = 7 }
        $lines = Get-Content -LiteralPath $file
        foreach ($line in 'user = env:A', 'pass = file:b', 'base_url = https://api.example/v1', 'init_date = 2025-06-01', 'position = abc', 'cef = True', 'json = False',
            'stix = True', "multiple_file_location = $(Join-Path -Path $TestDrive -ChildPath 'out/cef')", 'https = http://proxy.example:3128', 'auth_basic_use = True', 'requests_per_second = 2', 'max_eps = 7') {
            $lines | Should -Contain $line
        }
    }

    It 'refuses a setting: <Name>' -ForEach @(
        @{ Name = 'nosuch.key'; Value = 1 }, @{ Name = 'pm_api.nosuch'; Value = 1 }, @{ Name = 'user'; Value = 1 }, @{ Name = 'pm_api.user'; Value = "two`nlines" }
    ) {
        New-PhishMeConfiguration -ConfigPath $file -Setting @{ $Name = $Value } -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'SettingInvalid,*'
        $file | Should -Not -Exist
    }
}

Describe 'Register-PhishMeSchedule' {
    BeforeAll {
        $file = (New-PhishMeConfiguration -ConfigPath (Join-Path $TestDrive "soc's 100%.ini")).FullName
        $units = Join-Path $TestDrive 'units'
    }

    It 'prints with -WhatIf what it would do, and does nothing: <_>' -ForEach 'Systemd', 'Cron', 'ScheduledTask' {
        $script = "Import-Module PhishMe; Register-PhishMeSchedule -ConfigPath '$($file -replace "'", "''")' -Kind $_ -WhatIf"
        $text = Invoke-Pwsh -NoProfile -NonInteractive -Command $script | Out-String
        $text | Should -Match 'Invoke-PhishMeIntegration -ConfigPath'
        if ($_ -eq 'ScheduledTask') { $text | Should -Match 'IgnoreNew' }
    }

    It 'writes units to a folder, and replaces them with -Force only' {
        $schedule = Register-PhishMeSchedule -ConfigPath $file -Kind Systemd -UnitPath $units -Name my-phishme -Scope User -IntervalMinutes 30
        $schedule | Should -BeOfType PhishMe.Intelligence.Schedule
        $schedule.Files | Should -Be (Join-Path $units 'my-phishme.service'), (Join-Path $units 'my-phishme.timer')
        $schedule.Active | Should -BeFalse
        $schedule.NextStep | Should -Match 'systemctl --user enable --now my-phishme\.timer'
        Get-Content -LiteralPath $schedule.Files[1] | Should -Contain 'OnUnitActiveSec=30min'
        Register-PhishMeSchedule -ConfigPath $file -Kind Systemd -UnitPath $units -Name my-phishme -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'FileExists,*'
        Register-PhishMeSchedule -ConfigPath $file -Kind Systemd -UnitPath $units -Name my-phishme -Force | Should -HaveCount 1
    }

    It 'makes a command that ends with the exit code of the run' -Skip:$IsWindows {
        $line = (Register-PhishMeSchedule -ConfigPath $file -Kind Cron).Command
        # What cron would hand to sh: without the five fields, % unescaped.
        $command = ($line -split ' ', 6)[5] -replace '\\%', '%'
        & /bin/sh -c $command *> $null
        # The file has no credentials: a configuration error.
        $LASTEXITCODE | Should -Be 10
    }

    It 'schedules the program of this session, and it exists' {
        $unit = Get-Content -LiteralPath (Register-PhishMeSchedule -ConfigPath $file -Kind Systemd -UnitPath $units -Name this-session).Files[0]
        $program = [regex]::Match(($unit -match '^ExecStart='), '^ExecStart="([^"]+)"').Groups[1].Value
        $program | Should -Be (Get-PwshCommand)[0]
        $program | Should -Exist
    }

    It 'refuses a program that does not run' -Skip:$IsWindows {
        $broken = Join-Path $TestDrive 'phishme'
        Set-Content -LiteralPath $broken -Value "#!/bin/sh`necho 'no .NET here' >&2`nexit 3"
        foreach ($reason in 'denied', 'no .NET here') {
            $failure = $null
            Register-PhishMeSchedule -ConfigPath $file -Kind Cron -ProgramPath $broken -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $failure[0].FullyQualifiedErrorId | Should -BeLike 'ScheduleRefused,*'
            "$($failure[0])" | Should -Match $reason
            & /bin/chmod +x $broken
        }
    }

    It 'needs the configuration file' {
        Register-PhishMeSchedule -ConfigPath (Join-Path $TestDrive 'missing.ini') -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ConfigurationNotFound,*'
    }

    It 'refuses what cron cannot do' {
        Register-PhishMeSchedule -ConfigPath $file -Kind Cron -IntervalMinutes 7 -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'SettingInvalid,*'
    }
}

Describe 'Send-PhishMeSyslog' {
    BeforeAll { $collector = Start-SyslogCollector }
    AfterAll { $collector.Dispose() }

    It 'sends threats as CEF over <_>' -ForEach 'Udp', 'Tcp' {
        $expected = $threats | ConvertTo-PhishMeCef
        $sent = $threats | Send-PhishMeSyslog -ComputerName 127.0.0.1 -Port $collector.Port -Transport $_
        $sent | Should -HaveCount 1
        $sent.Sent | Should -Be $expected.Count
        $sent.Confirmed | Should -Be ($_ -eq 'Tcp')
        $collector.Take($expected.Count) | Sort-Object | Should -Be ($expected | ForEach-Object { "<29>$_" } | Sort-Object)
    }

    It 'sends strings as they are, each line an event' {
        $sent = "one`ntwo", 'three' | Send-PhishMeSyslog -ComputerName 127.0.0.1 -Port $collector.Port -Transport Tcp -Framing Rfc5424
        $sent.Sent | Should -Be 3
        $collector.Take(3) | Should -Match ' (one|two|three)$'
    }

    It 'sends nothing with -WhatIf' {
        'x' | Send-PhishMeSyslog -ComputerName 127.0.0.1 -Port $collector.Port -WhatIf | Should -BeNullOrEmpty
    }

    It 'says what it cannot send' {
        42 | Send-PhishMeSyslog -ComputerName 127.0.0.1 -Port $collector.Port -ErrorVariable failure -ErrorAction SilentlyContinue | Out-Null
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'InputInvalid,*'
    }

    It 'ends with an error when the collector cannot be reached' {
        $gone = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $gone.Start()
        $port = $gone.LocalEndpoint.Port
        $gone.Stop()
        { 'x' | Send-PhishMeSyslog -ComputerName 127.0.0.1 -Port $port -Transport Tcp } | Should -Throw -ErrorId 'SyslogUnreachable,*'
    }

    It 'needs a collector in the configuration' {
        $file = (New-PhishMeConfiguration -ConfigPath (Join-Path $TestDrive 'nosyslog.ini') -Credential $credential).FullName
        { 'x' | Send-PhishMeSyslog -ConfigPath $file } | Should -Throw -ErrorId 'ConfigurationInvalid,*'
    }
}

Describe 'What an integration did' {
    BeforeAll {
        $simulator = Start-Simulator
        $collector = Start-SyslogCollector
        $file = New-Installation -Path (Join-Path $TestDrive 'installation') -Simulator $simulator
    }
    AfterAll {
        $collector.Dispose()
        Stop-Simulator $simulator
    }

    It 'is listed newest first' {
        $null = Invoke-PhishMeIntegration -ConfigPath $file
        $runs = Get-PhishMeRun -ConfigPath $file
        $runs | Should -HaveCount 2
        $runs | Should -BeOfType PhishMe.Intelligence.RunSummary
        $runs[0].StartedAt | Should -BeGreaterThan $runs[1].StartedAt
        $runs[1].Backfill | Should -BeTrue
        Get-PhishMeRun -ConfigPath $file -First 1 | Should -HaveCount 1
        Get-PhishMeRun -ConfigPath $file -Failed | Should -BeNullOrEmpty
        Get-PhishMeRun -ConfigPath $file -Since (Get-Date).AddDays(1) | Should -BeNullOrEmpty
        $runs | Out-String | Should -Match 'Started\s+Duration\s+ExitCode'
    }

    It 'is nothing before the first run' {
        $fresh = (New-PhishMeConfiguration -ConfigPath (Join-Path $TestDrive 'fresh.ini') -Credential $credential).FullName
        Get-PhishMeRun -ConfigPath $fresh -ErrorAction Stop | Should -BeNullOrEmpty
        Get-PhishMeDeadLetter -ConfigPath $fresh -ErrorAction Stop | Should -BeNullOrEmpty
    }

    It 'is an error without the file: <_>' -ForEach 'Get-PhishMeRun', 'Get-PhishMeDeadLetter' {
        & $_ -ConfigPath (Join-Path $TestDrive 'missing.ini') -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ConfigurationNotFound,*'
    }

    It 'lists what was set aside, and drops it when it healed' {
        $stix = (New-PhishMeConfiguration -ConfigPath (Join-Path $TestDrive 'stix.ini') -Credential $simulator.Credential -BaseUri $simulator.BaseUri -StartDate 2025-01-01 -Format Stix).FullName
        $rule = @{ route = 'stix'; kind = 'ServerError500'; matchId = 'm_500000'; count = -1 } | ConvertTo-Json
        $root = ([uri]$simulator.BaseUri).GetLeftPart('Authority')
        $null = Invoke-RestMethod -Method Post -Uri "$root/_simulator/faults" -Body $rule -ContentType 'application/json'
        $summary = Invoke-PhishMeIntegration -ConfigPath $stix -WarningAction Ignore -ErrorAction Ignore
        $summary.ExitCode | Should -Be DoneWithDeadLetters
        $letters = Get-PhishMeDeadLetter -ConfigPath $stix
        $letters | Should -HaveCount 1
        "$($letters.Id)" | Should -Be 'm_500000'
        $letters.Format | Should -Be Stix
        $letters | Out-String | Should -Match 'Subject\s+Format\s+Tries\s+Since\s+Due\s+Reason'
        Invoke-Simulator $simulator 'clear-faults'
    }
}
