#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    . (Join-Path $PSScriptRoot 'Connected.ps1')
}

Describe 'A sync that is stopped after 250 threats' {
    BeforeAll {
        $simulator = Connect-ToSimulator '--threats', '650'
        $null = Invoke-Simulator $simulator 'clear'
        $first = @(Sync-PhishMeIntelligence -Since 2025-01-01 | Select-Object -First 250)
        $searchesOfFirst = Get-RequestCount $simulator 'search'
        $between = Get-PhishMePosition
        $null = Invoke-Simulator $simulator 'clear'
        $second = @(Sync-PhishMeIntelligence)
        $searchesOfSecond = Get-RequestCount $simulator 'search'
    }

    AfterAll {
        Disconnect-FromSimulator $simulator
    }

    It 'leaves the position behind page 2 of 100 and remembers the 50 of page 3' {
        $first.Count | Should -Be 250
        $between.Name | Should -Be 'default'
        $between.Phase | Should -Be 'Backfill'
        $between.PagesDone | Should -Be 2
        $between.Taken | Should -Be 50
    }

    It 'continues with threat 251: nothing missing, nothing twice' {
        $second.Count | Should -Be 400
        ($first + $second).Id.ForEach({ "$_" }) | Should -Be (Get-PhishMeThreat).Id.ForEach({ "$_" })
    }

    It 'fetches a few pages ahead and none twice but the one it stopped in' {
        $searchesOfFirst | Should -BeIn 3, 4, 5
        $searchesOfSecond | Should -Be 5
    }

    It 'follows the changes afterwards, with one request when nothing is new' {
        (Get-PhishMePosition).Phase | Should -Be 'Following'
        $null = Invoke-Simulator $simulator 'clear'
        Sync-PhishMeIntelligence | Should -BeNullOrEmpty
        Get-RequestEntry $simulator | Should -HaveCount 1
        Get-RequestCount $simulator 'updates' | Should -Be 1
    }

    It 'hands over what is new and what was taken back' {
        $new = (Invoke-Simulator $simulator 'publish?count=3').ids
        $null = Invoke-Simulator $simulator 'withdraw?id=m_500000'
        $changes = @(Sync-PhishMeIntelligence)
        $changes.Where({ -not $_.Withdrawn }).Id.ForEach({ "$_" }) | Should -Be $new
        $changes.Where({ $_.Withdrawn }).Id | Should -Be 'm_500000'
        Sync-PhishMeIntelligence | Should -BeNullOrEmpty
    }

    It 'stops within changes, too, and hands over again what changed since' {
        $new = (Invoke-Simulator $simulator 'publish?count=120').ids
        $taken = @(Sync-PhishMeIntelligence | Select-Object -First 110)
        (Get-PhishMePosition).Taken | Should -Be 110
        $null = Invoke-Simulator $simulator "republish?id=$($new[0])"
        $rest = @(Sync-PhishMeIntelligence)
        $taken.Id.ForEach({ "$_" }) | Should -Be $new[0..109]
        $rest.Id.ForEach({ "$_" }) | Sort-Object | Should -Be (@($new[110..119]) + $new[0] | Sort-Object)
    }
}

Describe 'A consumer that fails' {
    BeforeAll {
        $simulator = Connect-ToSimulator '--threats', '30'
        Set-PhishMePosition -Since 2025-01-01
    }

    AfterAll {
        Disconnect-FromSimulator $simulator
    }

    It 'gets the threat it failed on again: <Name>' -ForEach @(
        @{ Name = 'a script that throws'; Fail = { throw 'disk full' } }
        @{ Name = 'a cmdlet that ends'; Fail = { Get-Item -LiteralPath '/no/such/file' -ErrorAction Stop } }
        @{ Name = 'a script that breaks off'; Fail = { break } }
        @{ Name = 'a script that stops a pipeline of its own before it throws'; Fail = { $null = 1..3 | Select-Object -First 1; throw 'disk full' } }
    ) {
        Set-PhishMePosition -Since 2025-01-01
        $state = @{ Seen = [System.Collections.Generic.List[string]]::new(); Fail = $Fail }
        foreach ($once in 1) {
            try {
                Sync-PhishMeIntelligence | ForEach-Object {
                    if ($state.Seen.Count -eq 10) { . $state.Fail }
                    $state.Seen.Add("$($_.Id)")
                }
            }
            catch {
                $null = $_
            }
        }
        $state.Seen.Count | Should -Be 10
        (Get-PhishMePosition).Taken | Should -Be 10
        $rest = @(Sync-PhishMeIntelligence)
        $rest.Count | Should -Be 20
        @($state.Seen) + $rest.Id.ForEach({ "$_" }) | Select-Object -Unique | Should -HaveCount 30
    }

    It 'gets the rest after Select-Object behind other commands' {
        Set-PhishMePosition -Since 2025-01-01
        @(Sync-PhishMeIntelligence | Where-Object { $true } | ForEach-Object { $_ } | Select-Object -First 4).Count | Should -Be 4
        @(Sync-PhishMeIntelligence).Count | Should -Be 26
    }

    It 'keeps what was taken when Ctrl+C comes' {
        Set-PhishMePosition -Since 2025-01-01
        $started = [System.Threading.ManualResetEventSlim]::new()
        $shell = [powershell]::Create([System.Management.Automation.RunspaceMode]::NewRunspace)
        try {
            $null = $shell.AddScript({ param([string] $manifest, [uri] $address, [pscredential] $credential, $started)
                    Import-Module $manifest
                    Connect-PhishMe -Credential $credential -BaseUri $address
                    $count = 0
                    Sync-PhishMeIntelligence | ForEach-Object {
                        if (++$count -gt 5) { $started.Set(); while ($true) { $null = 1 } }
                    }
                }).AddArgument((Join-Path $env:PHISHME_STAGED_MODULE 'PhishMe.psd1')).AddArgument($simulator.BaseUri)
            $null = $shell.AddArgument($simulator.Credential).AddArgument($started)
            $null = $shell.BeginInvoke()
            $started.Wait(60000) | Should -BeTrue
            $shell.Stop()
        }
        finally {
            $shell.Dispose()
        }
        (Get-PhishMePosition).Taken | Should -Be 5
        @(Sync-PhishMeIntelligence).Count | Should -Be 25
    }
}

Describe 'Where a sync starts' {
    BeforeAll {
        $simulator = Connect-ToSimulator '--threats', '30'
    }

    AfterAll {
        Disconnect-FromSimulator $simulator
    }

    It 'is asked for when there is no position yet' {
        try { Sync-PhishMeIntelligence } catch { $failure = $_ }
        Assert-ErrorIsComplete $failure 'PositionMissing' 'ObjectNotFound'
        $failure.TargetObject | Should -Be 'default'
        $failure.ErrorDetails.RecommendedAction | Should -Match '-Since'
    }

    It 'is what -Since says, and the position is moved from there' {
        $since = [datetime]::new(2025, 4, 1, 0, 0, 0, [DateTimeKind]::Utc)
        $found = @(Sync-PhishMeIntelligence -Since $since)
        $found | Should -Not -BeNullOrEmpty
        $found.ForEach({ $_.LastPublished -ge $since }) | Should -Not -Contain $false
        Sync-PhishMeIntelligence | Should -BeNullOrEmpty
    }

    It 'is each position by itself' {
        @(Sync-PhishMeIntelligence -Position 'siem' -Since 2025-01-01).Count | Should -Be 30
        @(Sync-PhishMeIntelligence -Position 'SIEM').Count | Should -Be 0
        (Get-PhishMePosition).Name | Should -Be @('default', 'siem')
    }

    It 'must not be moved by two at a time' {
        $state = @{}
        Sync-PhishMeIntelligence -Position 'siem' -Since 2025-01-01 | Select-Object -First 1 | Out-Null
        Sync-PhishMeIntelligence -Position 'siem' | Select-Object -First 2 | ForEach-Object {
            if (-not $state.Failure) {
                try { Sync-PhishMeIntelligence -Position 'siem' } catch { $state.Failure = $_ }
            }
        }
        Assert-ErrorIsComplete $state.Failure 'PositionBusy' 'ResourceBusy'
    }

    It 'is refused when it belongs to another server' {
        $other = Start-Simulator '--threats', '1'
        try {
            $session = Connect-PhishMe -Credential $other.Credential -BaseUri $other.BaseUri -PassThru
            { Sync-PhishMeIntelligence -Position 'siem' -Session $session } | Should -Throw -ErrorId 'PositionRefused,*'
        }
        finally {
            Connect-PhishMe -Credential $simulator.Credential -BaseUri $simulator.BaseUri
            Stop-Simulator $other
        }
    }

    It 'is reported when the server does not know it' {
        Set-PhishMePosition -Name 'lost' -Value '00000000-0000-0000-0000-000000000000'
        try { Sync-PhishMeIntelligence -Position 'lost' } catch { $failure = $_ }
        Assert-ErrorIsComplete $failure 'PositionRefused' 'InvalidArgument'
    }

    It 'is not changed by -WhatIf, which asks nothing' {
        $before = Get-PhishMePosition -Name 'siem'
        $null = Invoke-Simulator $simulator 'clear'
        Sync-PhishMeIntelligence -Position 'siem' -Since 2025-01-01 -WhatIf | Should -BeNullOrEmpty
        Get-PhishMePosition -Name 'siem' | Should -Be $before
        Get-RequestEntry $simulator | Should -BeNullOrEmpty
    }

    It 'stays when the API fails' {
        Set-PhishMePosition -Since 2025-01-01
        Add-SimulatorFault $simulator @{ route = 'search'; kind = 'Unauthorized401'; count = -1 }
        { Sync-PhishMeIntelligence } | Should -Throw -ErrorId 'CredentialsRefused,*'
        $null = Invoke-Simulator $simulator 'clear-faults'
        @(Sync-PhishMeIntelligence).Count | Should -Be 30
    }

    It 'moves on past a threat that cannot be fetched, and reports it' {
        $new = (Invoke-Simulator $simulator 'publish?count=3').ids
        Add-SimulatorFault $simulator @{ route = 'search'; kind = 'SearchLacksIds'; matchId = $new[1]; count = -1 }
        Add-SimulatorFault $simulator @{ route = 'detail'; kind = 'NotFound404'; matchId = $new[1]; count = -1 }
        $found = Sync-PhishMeIntelligence -ErrorVariable failures -ErrorAction SilentlyContinue
        $found.Id.ForEach({ "$_" }) | Should -Be $new[0, 2]
        Assert-ErrorIsComplete $failures[0] 'ThreatNotFound' 'ObjectNotFound'
        $failures[0].TargetObject | Should -Be $new[1]
        $null = Invoke-Simulator $simulator 'clear-faults'
    }
}

Describe 'Named positions' {
    BeforeAll {
        Import-Module PhishMe
        $env:PHISHME_HOME = Join-Path $TestDrive 'home'
    }

    AfterAll {
        $env:PHISHME_HOME = $null
    }

    It 'are none at first, without an error' {
        Get-PhishMePosition -ErrorVariable failures | Should -BeNullOrEmpty
        $failures | Should -BeNullOrEmpty
    }

    It 'are set to a time' {
        $position = Set-PhishMePosition -Name 'Nightly' -Since ([datetime]::new(2025, 3, 1, 0, 0, 0, [DateTimeKind]::Utc)) -PassThru
        $position | Should -BeOfType PhishMe.Intelligence.NamedPosition
        $position.Name | Should -Be 'nightly'
        $position.Phase | Should -Be 'Backfill'
        $position.Since | Should -Be ([DateTimeOffset]'2025-03-01Z')
    }

    It 'are set to a position of the server' {
        Set-PhishMePosition -Value '11111111-2222-3333-4444-555555555555' | Should -BeNullOrEmpty
        $position = Get-PhishMePosition -Name 'default'
        $position.Phase | Should -Be 'Following'
        $position.Value | Should -Be '11111111-2222-3333-4444-555555555555'
    }

    It 'are not changed by -WhatIf' {
        Set-PhishMePosition -Value '99999999-2222-3333-4444-555555555555' -WhatIf
        (Get-PhishMePosition -Name 'default').Value | Should -Be '11111111-2222-3333-4444-555555555555'
    }

    It 'are found by name and wildcard' {
        (Get-PhishMePosition -Name 'n*').Name | Should -Be 'nightly'
        ('default', 'NIGHTLY' | Get-PhishMePosition).Name | Should -Be @('default', 'nightly')
    }

    It 'are told when there is none: <_>' -ForEach 'nobody', 'x*' {
        Get-PhishMePosition -Name $_ -ErrorVariable failures -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        Assert-ErrorIsComplete $failures[0] 'PositionMissing' 'ObjectNotFound'
        $failures[0].TargetObject | Should -Be $_
    }

    It 'must have a name that can be that of a file: <_>' -ForEach '../up', 'a b', 'con:', ('x' * 65) {
        Set-PhishMePosition -Name $_ -Since 2025-01-01 -ErrorVariable failures -ErrorAction SilentlyContinue
        Assert-ErrorIsComplete $failures[0] 'PositionNameInvalid' 'InvalidArgument'
    }

    It 'are readable for their owner only' -Skip:$IsWindows {
        [IO.File]::GetUnixFileMode("$env:PHISHME_HOME/positions/default.json") | Should -Be ([IO.UnixFileMode]'UserRead, UserWrite')
        [IO.File]::GetUnixFileMode("$env:PHISHME_HOME/positions") | Should -Be ([IO.UnixFileMode]'UserRead, UserWrite, UserExecute')
    }

    It 'say that their file is damaged, and can be set anew' {
        Set-Content -Path "$env:PHISHME_HOME/positions/default.json" -Value '{ "format": 1, "na'
        try { Get-PhishMePosition } catch { $failure = $_ }
        Assert-ErrorIsComplete $failure 'PositionUnavailable' 'ResourceUnavailable'
        Set-PhishMePosition -Since 2025-01-01
        (Get-PhishMePosition -Name 'default').Phase | Should -Be 'Backfill'
    }

    It 'say that their folder cannot be used' {
        $file = New-Item -Path (Join-Path $TestDrive 'a-file') -ItemType File
        $env:PHISHME_HOME = $file.FullName
        try {
            Set-PhishMePosition -Since 2025-01-01 -ErrorVariable failures -ErrorAction SilentlyContinue
            Assert-ErrorIsComplete $failures[0] 'PositionUnavailable' 'ResourceUnavailable'
        }
        finally {
            $env:PHISHME_HOME = Join-Path $TestDrive 'home'
        }
    }

    It 'are offered by tab completion' {
        $line = 'Sync-PhishMeIntelligence -Position ni'
        (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches.CompletionText | Should -Be 'nightly'
    }

    It 'are shown as a table' {
        Get-PhishMePosition | Out-String -Width 120 | Should -Match 'Name\s+Phase\s+Pages\s+Taken\s+Updated\s+Position'
    }
}
