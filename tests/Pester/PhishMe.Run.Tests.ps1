#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# Whole runs against the simulator of the API, over real HTTP.

BeforeAll {
    . (Join-Path $PSScriptRoot 'SimulatorProcess.ps1')
    Import-Module PhishMe

    function New-Configuration {
        param($Simulator = $simulator, [string] $Pass = $Simulator.pass, [string] $BaseUrl = $Simulator.BaseUri)
        $folder = New-Item -ItemType Directory -Path (Join-Path $TestDrive ([guid]::NewGuid().ToString('n')))
        $null = New-Item -ItemType Directory -Path (Join-Path $folder 'json')
        $path = Join-Path $folder 'config.ini'
        Set-Content -LiteralPath $path -Value @"
[pm_api]
base_url = $BaseUrl
user = $($Simulator.user)
pass = $Pass
init_date = 2025-01-01
position =
max_retries = 1
[pm_product]
intelligence = True
brand_intelligence = True
[pm_format]
cef = False
json = True
stix = False
[integration_raw_json]
use = True
multiple_file_use = True
multiple_file_location = $(Join-Path $folder 'json')
"@
        if (-not $IsWindows) {
            [IO.File]::SetUnixFileMode($path, 'UserRead, UserWrite')
        }
        $path
    }

    # A server that accepts and never answers.
    function Start-SilentServer {
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $listener.Start()
        $listener
    }

    function Wait-Until {
        param([scriptblock] $Condition, [int] $Second = 60)
        $end = [DateTime]::UtcNow.AddSeconds($Second)
        while (-not (& $Condition)) {
            if ([DateTime]::UtcNow -gt $end) {
                throw "Waited $Second s for: $Condition"
            }
            Start-Sleep -Milliseconds 20
        }
    }

    # Runs the command in a runspace of its own, as a host would, so that it can be stopped.
    function Start-Integration {
        param([string] $ConfigPath)
        $shell = [powershell]::Create()
        $null = $shell.AddScript({ param($Path) Import-Module PhishMe; Invoke-PhishMeIntegration -ConfigPath $Path }).AddArgument($ConfigPath)
        @{ Shell = $shell; Result = $shell.BeginInvoke() }
    }

    $simulator = Start-Simulator -Argument '--threats', '120', '--seed', '7'
    $WarningPreference = 'SilentlyContinue'
}

AfterAll {
    Stop-Simulator $simulator
}

Describe 'A run' {
    BeforeEach {
        $path = New-Configuration
        $json = Join-Path (Split-Path $path) 'json'
    }

    It 'delivers everything, then nothing, and says so' {
        $first = Invoke-PhishMeIntegration -ConfigPath $path
        [int]$first.ExitCode | Should -Be 0
        $first.Backfill | Should -BeTrue
        $first.Received | Should -Be $simulator.threats
        @(Get-ChildItem -Path $json -Recurse -File -Filter *.json) | Should -HaveCount $simulator.threats

        $second = Invoke-PhishMeIntegration -ConfigPath $path
        [int]$second.ExitCode | Should -Be 0
        $second.Backfill | Should -BeFalse
        $second.Outputs.Threats | Measure-Object -Sum | ForEach-Object Sum | Should -Be 0
    }

    It 'changes nothing under -WhatIf' {
        $before = Get-ChildItem -Path (Split-Path $path) -Recurse -File | Get-FileHash
        $summary = Invoke-PhishMeIntegration -ConfigPath $path -WhatIf
        [int]$summary.ExitCode | Should -Be 0
        $summary.DryRun | Should -BeTrue
        $after = Get-ChildItem -Path (Split-Path $path) -Recurse -File | Where-Object Extension -NE '.log' | Get-FileHash
        $after.Path | Should -Be $before.Path
        $after.Hash | Should -Be $before.Hash
    }

    It 'says that the credentials were refused, without showing them' {
        $path = New-Configuration -Pass 'not-the-token-0123456789-0123456789'
        $summary = Invoke-PhishMeIntegration -ConfigPath $path -ErrorVariable failure -ErrorAction SilentlyContinue
        [int]$summary.ExitCode | Should -Be 12
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'CredentialsRefused,*'
        $failure[0].CategoryInfo.Category | Should -Be 'AuthenticationError'
        $summary, $failure | Format-List -Property * -Force | Out-String | Should -Not -Match 'not-the-token'
    }

    It 'says that the API cannot be reached' {
        $path = New-Configuration -BaseUrl 'http://127.0.0.1:9/apiv1'
        $summary = Invoke-PhishMeIntegration -ConfigPath $path -ErrorVariable failure -ErrorAction SilentlyContinue
        [int]$summary.ExitCode | Should -Be 13
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ApiUnreachable,*'
        $failure[0].CategoryInfo.Category | Should -Be 'ConnectionError'
    }

    It 'looks up secret:NAME with the SecretManagement of the session' {
        $vault = New-Module -Name Microsoft.PowerShell.SecretManagement -ArgumentList $simulator.pass -ScriptBlock {
            param($Secret)
            function Get-Secret {
                [CmdletBinding()]
                param([string] $Name, [switch] $AsPlainText)
                if ($AsPlainText -and $Name -eq 'PhishMeToken') { $Secret } else { throw "There is no secret named $Name." }
            }
        } | Import-Module -PassThru
        try {
            $summary = Invoke-PhishMeIntegration -ConfigPath (New-Configuration -Pass 'secret:PhishMeToken')
            [int]$summary.ExitCode | Should -Be 0
            $summary = Invoke-PhishMeIntegration -ConfigPath (New-Configuration -Pass 'secret:Other') -WarningVariable warning -ErrorAction Ignore
            [int]$summary.ExitCode | Should -Be 10
            $warning | Should -Match "'Other'"
        }
        finally {
            Remove-Module $vault
        }
    }

    It 'shows progress' {
        $run = Start-Integration $path
        try {
            $null = $run.Shell.EndInvoke($run.Result)
            $run.Shell.Streams.Progress.Count | Should -BeGreaterThan 0
            $run.Shell.Streams.Progress[-1].RecordType | Should -Be 'Completed'
        }
        finally {
            $run.Shell.Dispose()
        }
    }

    It 'is stopped at once by Ctrl+C, lets a second run know while it goes on, and gives way to the next' {
        $server = Start-SilentServer
        $path = New-Configuration -BaseUrl "http://127.0.0.1:$($server.LocalEndpoint.Port)/apiv1"
        $run = Start-Integration $path
        try {
            Wait-Until { $server.Pending() }

            $second = Invoke-PhishMeIntegration -ConfigPath $path -ErrorVariable failure -ErrorAction SilentlyContinue
            [int]$second.ExitCode | Should -Be 11
            $failure[0].FullyQualifiedErrorId | Should -BeLike 'RunLocked,*'
            $failure[0].CategoryInfo.Category | Should -Be 'ResourceBusy'

            $watch = [Diagnostics.Stopwatch]::StartNew()
            $run.Shell.Stop()
            # 100 ms is the promise on a quiet machine; attempts time out after tens of seconds, which is what this tells it from.
            $watch.Elapsed.TotalSeconds | Should -BeLessThan 2
            "stopped after $($watch.ElapsedMilliseconds) ms" | Write-Verbose -Verbose
            $run.Shell.InvocationStateInfo.State | Should -Be 'Stopped'
        }
        finally {
            $run.Shell.Dispose()
            $server.Stop()
        }

        $lock = { [int](Invoke-PhishMeIntegration -ConfigPath $path -WhatIf -ErrorAction Ignore).ExitCode -ne 11 }
        Wait-Until $lock
    }
}
