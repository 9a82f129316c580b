#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeDiscovery {
    . (Join-Path $PSScriptRoot 'SimulatorProcess.ps1')
    $noSimulator = -not (Get-SimulatorAssembly)
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'SimulatorProcess.ps1')
    . (Join-Path $PSScriptRoot 'SyslogCollector.ps1')
    Import-Module PhishMe
}

Describe 'Publish-PhishMeThreat' -Skip:$noSimulator {
    BeforeAll {
        $simulator = Start-Simulator -Argument '--threats', '12'
        $collector = Start-SyslogCollector
        $file = (New-PhishMeConfiguration -ConfigPath (Join-Path $TestDrive 'config.ini') -Credential $simulator.Credential -BaseUri $simulator.BaseUri -StartDate 2025-01-01 -Setting @{
            'integration_raw_json.append_file_use'      = 'True'
            'integration_raw_json.append_file_location' = 'threats.json'
            'pm_format.cef'                             = 'True'
            'integration_raw_cef.use'                   = 'True'
            'integration_raw_cef.source'                = 'local'
            'integration_raw_cef.multiple_file_use'     = 'False'
            'integration_raw_cef.append_file_use'       = 'True'
            'integration_raw_cef.append_file_location'  = 'threats.cef'
            'integration_raw_cef.syslog_use'            = 'True'
            'integration_raw_cef.syslog_host'           = '127.0.0.1'
            'integration_raw_cef.syslog_port'           = "$($collector.Port)"
            'integration_raw_cef.syslog_transport'      = 'tcp'
        }).FullName
        $json = Join-Path $TestDrive 'threats.json'
        (Invoke-PhishMeIntegration -ConfigPath $file).ExitCode | Should -Be 'Done'
        $sent = @(Get-Content -LiteralPath (Join-Path $TestDrive 'threats.cef')).Count
        $null = $collector.Take($sent)
        Connect-PhishMe -Credential $simulator.Credential -BaseUri $simulator.BaseUri
    }
    AfterAll {
        Disconnect-PhishMe
        $collector.Dispose()
        Stop-Simulator $simulator
    }

    It 'publishes nothing with -WhatIf, and takes no lock' {
        $before = (Get-Item -LiteralPath $json).Length
        Get-PhishMeThreat -First 2 | Publish-PhishMeThreat -Destination raw_json -ConfigPath $file -Force -WhatIf
        (Get-Item -LiteralPath $json).Length | Should -Be $before
    }

    It 'delivers from the API to a file once: the next run leaves it out, and gives it to the others' {
        $null = Invoke-Simulator $simulator 'publish?count=1'
        $threat = Get-PhishMeThreat -First 1
        $lines = @(Get-Content -LiteralPath $json).Count
        $threat | Publish-PhishMeThreat -Destination raw_json -ConfigPath $file | Should -BeNullOrEmpty
        @(Get-Content -LiteralPath $json).Count | Should -Be ($lines + 1)
        $run = Invoke-PhishMeIntegration -ConfigPath $file
        ($run.Destinations | Where-Object Id -EQ raw_json).Unchanged | Should -Be 1
        ($run.Destinations | Where-Object Id -EQ raw_cef).Delivered | Should -Be 1
        @(Get-Content -LiteralPath $json).Count | Should -Be ($lines + 1)
        $all = @(Get-Content -LiteralPath (Join-Path $TestDrive 'threats.cef')).Count
        $null = $collector.Take($all - $sent)
    }

    It 'delivers JSON by syslog again with -Force, and says so with -PassThru' {
        $results = Get-Content -LiteralPath $json -TotalCount 2 | Publish-PhishMeThreat syslog@raw_cef -ConfigPath $file -PassThru
        $results | Should -BeOfType PhishMe.Intelligence.PublishedThreat
        $results.Outcome | Should -Be @('Unchanged', 'Unchanged')
        $results = Get-Content -LiteralPath $json -TotalCount 2 | Publish-PhishMeThreat syslog@raw_cef -ConfigPath $file -PassThru -Force
        $results.Outcome | Should -Be @('Delivered', 'Delivered')
        $collector.Take(($results.Items | Measure-Object -Sum).Sum) | Should -BeLike '*CEF:0|*'
        $results | Out-String -Width 120 | Should -Match 'Id\s+Destination\s+Outcome\s+Items\s+Reason'
    }

    It 'has an error for each threat that is not sent, and publishes the others' {
        $threats = Get-Content -LiteralPath $json -TotalCount 3 | ConvertFrom-PhishMeJson
        $null = Invoke-Simulator $simulator "withdraw?id=$($threats[0].Id)"
        $null = Invoke-PhishMeIntegration -ConfigPath $file
        $results = $threats | Publish-PhishMeThreat raw_json -ConfigPath $file -PassThru -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ThreatNotPublished,*'
        $failure[0].TargetObject | Should -Be $threats[0].Id
        $failure[0].Exception.Message | Should -Match 'withdrawn since'
        $results.Outcome | Should -Be @('Skipped', 'Unchanged', 'Unchanged')
    }

    It 'has an error for input that is not a threat' {
        '{"id":', 42 | Publish-PhishMeThreat raw_json -ConfigPath $file -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure.FullyQualifiedErrorId | Should -BeLike 'InputInvalid,*'
        $failure.Count | Should -Be 2
    }

    It 'ends with an error <_.Id>' -ForEach @(
        @{ Id = 'DestinationNotFound'; Destination = 'raw_xml'; Path = 'config.ini' }
        @{ Id = 'ConfigurationNotFound'; Destination = 'raw_json'; Path = 'missing.ini' }
    ) {
        { Get-PhishMeThreat -First 1 | Publish-PhishMeThreat $Destination -ConfigPath (Join-Path $TestDrive $Path) } | Should -Throw -ErrorId "$Id,*"
    }

    It 'ends with an error while a run holds the lock, and changes nothing' {
        $before = (Get-Item -LiteralPath $json).Length
        $held = [IO.File]::Open((Join-Path $TestDrive 'config.lock'), 'OpenOrCreate', 'ReadWrite', 'None')
        try {
            { Get-PhishMeThreat -First 1 | Publish-PhishMeThreat raw_json -ConfigPath $file -Force } | Should -Throw -ErrorId 'RunLocked,*'
        } finally {
            $held.Dispose()
            Remove-Item -LiteralPath (Join-Path $TestDrive 'config.lock') -ErrorAction Ignore
        }
        (Get-Item -LiteralPath $json).Length | Should -Be $before
    }

    It 'keeps what a collector that is down did not get for the next run' {
        $port = $collector.Port
        $collector.Dispose()
        $results = Get-Content -LiteralPath $json -TotalCount 2 | Select-Object -Last 1 |
            Publish-PhishMeThreat syslog@raw_cef -ConfigPath $file -Force -PassThru -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'SyslogUnreachable,*'
        $results.Outcome | Should -Be 'Waiting'
        (Get-PhishMeDestination -ConfigPath $file | Where-Object Id -EQ 'syslog@raw_cef').Waiting | Should -Be $results.Items
        $port | Should -BeGreaterThan 0
    }
}
