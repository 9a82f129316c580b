#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

Describe 'The runbooks' {
    BeforeAll {
        . (Join-Path $PSScriptRoot 'SimulatorProcess.ps1')
        . (Join-Path $PSScriptRoot 'SyslogCollector.ps1')
        . (Join-Path $PSScriptRoot 'InstallationFolder.ps1')
        Import-Module PhishMe
        $runbooks = (Resolve-Path (Join-Path $PSScriptRoot '../../samples/runbooks')).ProviderPath
        # Published within the last 20 days, the newest within the last day.
        $day = [datetime]::UtcNow.Date
        $simulator = Start-Simulator -Argument '--threats', '60', '--from', $day.AddDays(-20).ToString('yyyy-MM-dd'), '--to', $day.ToString('yyyy-MM-dd')
        $installation = Join-Path $TestDrive 'installation'
        $configuration = New-Installation -Path $installation -Simulator $simulator
        $file = Join-Path $installation 'threats.json'
        $threats = Get-Content -LiteralPath $file | ConvertFrom-PhishMeJson
        $env:PHISHME_USER = $simulator.User
        $env:PHISHME_PASS = $simulator.Pass
    }

    AfterAll {
        $env:PHISHME_USER = $env:PHISHME_PASS = $null
        Stop-Simulator $simulator
    }

    It 'hunt one indicator, defanged or not' {
        $sought = ($threats.Indicators | Where-Object { $_.Kind -eq 'IPv4' -and $_.NormalizedValue })[0]
        $hits = & "$runbooks/Find-Indicator.ps1" -Indicator ($sought.NormalizedValue -replace '\.', '[.]') -Path $file
        $hits.Threat | Should -Contain $sought.ThreatId
        & "$runbooks/Find-Indicator.ps1" -Indicator 'nobody.knows.this.example' -Path $file | Should -BeNullOrEmpty
    }

    It 'find URLs by their domain' {
        $sought = ($threats.Indicators | Where-Object { $_.Kind -eq 'Url' -and $_.NormalizedValue })[0]
        ([uri]$sought.Value).Host | & "$runbooks/Find-Indicator.ps1" -Path $file | ForEach-Object Indicator | Should -Contain $sought.Value
    }

    It 'backfill 30 days into a folder of their own' {
        $position = (Get-PhishMeRun -ConfigPath $configuration -First 1).PositionAfter
        $summary = & "$runbooks/Invoke-Backfill.ps1" -OutputPath (Join-Path $TestDrive 'backfill') -Day 30 -BaseUri $simulator.BaseUri
        $summary.ExitCode | Should -Be Done
        $summary.Backfill | Should -BeTrue
        $summary.Received | Should -Be 60
        @(Get-Content -LiteralPath (Join-Path $TestDrive 'backfill/threats.json')).Count | Should -Be 60
        (Get-PhishMeRun -ConfigPath $configuration -First 1).PositionAfter | Should -Be $position
    }

    It 'report the last hours as HTML' {
        $report = Join-Path $TestDrive 'morning.html'
        $recent = @($threats | Where-Object LastPublished -GE ([DateTimeOffset]::UtcNow.AddHours(-240)))
        $recent.Count | Should -BeGreaterThan 0
        & "$runbooks/New-MorningReport.ps1" -Path $file -ReportPath $report -Hour 240 | Should -HaveCount 1
        $html = Get-Content -LiteralPath $report -Raw
        $html | Should -Match ([regex]::Escape("<td>$($recent[0].Id)</td>"))
        $html | Should -Not -Match '<Login>' -Because 'titles of phishing pages are encoded'
        & "$runbooks/New-MorningReport.ps1" -Path $file -ReportPath (Join-Path $TestDrive 'no.html') -WhatIf
        Join-Path $TestDrive 'no.html' | Should -Not -Exist
    }

    It 'push to syslog' {
        $collector = Start-SyslogCollector
        try {
            $sent = & "$runbooks/Send-Threat.ps1" -ComputerName 127.0.0.1 -Port $collector.Port -Path $file -Since ([DateTimeOffset]::UtcNow.AddDays(-30)) -MinimumImpact Major
            $sent.Confirmed | Should -BeTrue
            $collector.Take($sent.Sent) | Should -Match '^<29>CEF:0'
        }
        finally {
            $collector.Dispose()
        }
    }

    It 'compare two runs' {
        $earlier = Join-Path $TestDrive 'earlier.json'
        Copy-Item -LiteralPath $file -Destination $earlier
        $null = Invoke-Simulator $simulator 'publish?count=2'
        $null = Invoke-Simulator $simulator "republish?id=$($threats[0].Id)"
        $null = Invoke-Simulator $simulator "withdraw?id=$($threats[1].Id)"
        $null = Invoke-PhishMeIntegration -ConfigPath $configuration -WarningAction Ignore
        $changes = & "$runbooks/Compare-Run.ps1" -ReferencePath $earlier -DifferencePath $file
        ($changes | Where-Object Change -EQ New).Count | Should -Be 2
        ($changes | Where-Object Change -EQ Changed).Threat | Should -Be "$($threats[0].Id)"
        ($changes | Where-Object Change -EQ Changed).Added | Should -Not -BeNullOrEmpty
        ($changes | Where-Object Change -EQ Withdrawn).Threat | Should -Be "$($threats[1].Id)"
    }
}
