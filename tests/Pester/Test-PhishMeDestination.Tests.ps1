#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    . (Join-Path $PSScriptRoot 'SyslogCollector.ps1')
    Import-Module PhishMe

    # Files and syslog; nothing here asks the API.
    function New-Destination {
        [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'Writes a file of the test.')]
        param([string] $Folder, [int] $Port, [string] $Transport = 'tcp')
        $null = New-Item -ItemType Directory -Path $Folder -Force
        $credential = [pscredential]::new('u' * 32, [Net.NetworkCredential]::new('', 'p' * 32).SecurePassword)
        (New-PhishMeConfiguration -ConfigPath (Join-Path $Folder 'config.ini') -Credential $credential -Force -Setting @{
            'integration_raw_json.append_file_use'      = 'True'
            'integration_raw_json.append_file_location' = 'threats.json'
            'pm_format.cef'                             = 'True'
            'integration_raw_cef.use'                   = 'True'
            'integration_raw_cef.multiple_file_use'     = 'False'
            'integration_raw_cef.syslog_use'            = 'True'
            'integration_raw_cef.syslog_host'           = '127.0.0.1'
            'integration_raw_cef.syslog_port'           = "$Port"
            'integration_raw_cef.syslog_transport'      = $Transport
        }).FullName
    }
}

Describe 'Test-PhishMeDestination' {
    BeforeAll {
        $collector = Start-SyslogCollector
        $file = New-Destination -Folder (Join-Path $TestDrive 'up') -Port $collector.Port
    }
    AfterAll { $collector.Dispose() }

    It 'checks every destination in use, and leaves no trace' {
        $before = Get-ChildItem -LiteralPath (Split-Path $file) -Force | ForEach-Object { "$($_.Name) $($_.LastWriteTimeUtc.Ticks)" }
        $results = Test-PhishMeDestination -ConfigPath $file
        $results | Should -BeOfType PhishMe.Intelligence.CheckResult
        $results.Destination | Select-Object -Unique | Should -Be @('syslog@raw_cef', 'raw_json')
        $results.Outcome | Select-Object -Unique | Should -Be 'Pass'
        $results.Subject | Should -Contain 'append_file_location'
        $results.Subject | Should -Contain 'Connection'
        Get-ChildItem -LiteralPath (Split-Path $file) -Force | ForEach-Object { "$($_.Name) $($_.LastWriteTimeUtc.Ticks)" } | Should -Be $before
    }

    It 'checks those that are named, by wildcard and by pipeline, too' {
        (Test-PhishMeDestination -Name raw_* -ConfigPath $file).Destination | Select-Object -Unique | Should -Be 'raw_json'
        (Get-PhishMeDestination -ConfigPath $file | Where-Object Id -Like 'syslog*' | Test-PhishMeDestination -ConfigPath $file).Destination |
            Select-Object -Unique | Should -Be 'syslog@raw_cef'
    }

    It 'says what failed and what to do next' {
        $down = Start-SyslogCollector
        $path = New-Destination -Folder (Join-Path $TestDrive 'down') -Port $down.Port
        $down.Dispose()
        $failed = Test-PhishMeDestination -ConfigPath $path | Where-Object Outcome -EQ Fail
        $failed.Destination | Should -Be 'syslog@raw_cef'
        $failed.Subject | Should -Be 'Connection'
        $failed.NextStep | Should -Match 'syslog_host'
        $failed | Out-String -Width 200 | Should -Match 'Fail\s+syslog@raw_cef, Connection\s+The collector cannot be reached'
        Test-PhishMeDestination -ConfigPath $path -Quiet | Should -BeFalse
        Test-PhishMeDestination -ConfigPath $file -Quiet | Should -BeTrue
    }

    It 'takes the errors of a configuration that is not valid for results' {
        $path = Join-Path $TestDrive 'broken.ini'
        (Get-Content -LiteralPath $file -Raw) -replace 'append_file_location = threats.json', 'append_file_location = no/such/folder/threats.json' | Set-Content -LiteralPath $path -NoNewline
        $result = Test-PhishMeDestination -ConfigPath $path
        $result.Subject | Should -Be 'Configuration'
        $result.Outcome | Should -Be 'Fail'
    }

    It 'has an error for a destination that is not in use, and for a file that is not there' {
        Test-PhishMeDestination -Name splunk_hec -ConfigPath $file -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'DestinationNotFound,*'
        $failure[0].Exception.Message | Should -Match 'syslog@raw_cef, raw_json'
        Test-PhishMeDestination -ConfigPath (Join-Path $TestDrive 'missing.ini') -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ConfigurationNotFound,*'
    }

    It 'completes the names of the destinations in use' {
        $completed = (TabExpansion2 -inputScript "Test-PhishMeDestination -ConfigPath '$file' -Name " -cursorColumn "Test-PhishMeDestination -ConfigPath '$file' -Name ".Length).CompletionMatches
        $completed.ListItemText | Should -Be @('raw_json', 'syslog@raw_cef')
        Push-Location (Split-Path $file)
        try {
            (TabExpansion2 -inputScript 'Publish-PhishMeThreat raw' -cursorColumn 25).CompletionMatches.CompletionText | Should -Be 'raw_json'
        } finally {
            Pop-Location
        }
    }
}
