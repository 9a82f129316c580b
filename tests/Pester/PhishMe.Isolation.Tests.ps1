#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    . (Join-Path $PSScriptRoot 'Connected.ps1')
    $simulator = Connect-ToSimulator '--threats', '10'
    . (Join-Path $PSScriptRoot 'FreshShell.ps1')
    $connect = "Import-Module PhishMe; Connect-PhishMe -BaseUri '$($simulator.BaseUri)' -Credential ([pscredential]::new('$($simulator.User)', (ConvertTo-SecureString '$($simulator.Pass)' -AsPlainText -Force)));"

    # What the script writes comes back as JSON.
    function Invoke-FreshShell {
        param([string] $Script)
        $prologue = "`$ErrorActionPreference = 'Stop'; `$env:PSModulePath = '$env:PSModulePath'; `$env:PHISHME_HOME = '$env:PHISHME_HOME'; "
        Invoke-Pwsh -NoProfile -NonInteractive -Command ($prologue + $Script) | ConvertFrom-Json
    }
}

AfterAll {
    Disconnect-FromSimulator $simulator
}

Describe 'Beside others' {
    It 'works when another Serilog is loaded already' {
        $result = Invoke-FreshShell @"
            `$path = '$(Join-Path $TestDrive 'Serilog.dll')'
            `$theirs = [Reflection.Emit.PersistedAssemblyBuilder]::new([Reflection.AssemblyName]::new('Serilog, Version=99.0.0.0'), [object].Assembly)
            `$null = `$theirs.DefineDynamicModule('Serilog').DefineType('Serilog.Log', 'Public').CreateType()
            `$theirs.Save(`$path)
            Add-Type -Path `$path
            $connect
            `$threats = @(Get-PhishMeThreat -First 3)
            ConvertTo-Json @{
                Count   = `$threats.Count
                Default = "`$([Serilog.Log].Assembly.GetName().Version)"
                Loaded  = @([AppDomain]::CurrentDomain.GetAssemblies().ForEach({ `$_.GetName() }).Where({ `$_.Name -eq 'Serilog' }).ForEach({ "`$(`$_.Version)" }) | Sort-Object)
            }
"@
        $result.Count | Should -Be 3
        $result.Default | Should -Be '99.0.0.0'
        $result.Loaded | Should -HaveCount 2
    }

    It 'works in Constrained Language Mode' {
        $result = Invoke-FreshShell @"
            $connect
            `$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'
            `$threats = @(Get-PhishMeThreat -Type Malware -First 3)
            `$indicators = @(`$threats | Get-PhishMeIndicator -Kind Url, Md5 -Impact Major)
            `$synced = @(Sync-PhishMeIntelligence -Position constrained -Since 2025-01-01 | Select-Object -First 4)
            ConvertTo-Json @{
                Mode       = "`$(`$ExecutionContext.SessionState.LanguageMode)"
                Threats    = `$threats.Count
                Indicators = `$indicators.Count
                Synced     = `$synced.Count
                Taken      = (Get-PhishMePosition -Name constrained).Taken
                View       = (Get-PhishMeThreat -Id m_500000 | Out-String -Width 120)
            }
"@
        $result.Mode | Should -Be 'ConstrainedLanguage'
        $result.Threats | Should -Be 3
        $result.Indicators | Should -BeGreaterThan 0
        $result.Synced | Should -Be 4
        $result.Taken | Should -Be 4
        $result.View | Should -Match 'm_500000\s+Malware\s+2025-\d\d-\d\d\s+Major\s+Demo RAT\s+\d+\s+Order'
    }

    It 'keeps the session over Import-Module -Force' {
        $result = Invoke-FreshShell @"
            $connect
            Import-Module PhishMe -Force
            ConvertTo-Json @{ Id = "`$((Get-PhishMeThreat -Id m_500000).Id)" }
"@
        $result.Id | Should -Be 'm_500000'
    }

    It 'works in two runspaces at a time, each with a session of its own' {
        $result = Invoke-FreshShell @"
            `$answers = 1..2 | ForEach-Object -ThrottleLimit 2 -Parallel {
                $connect
                @{ Count = @(Get-PhishMeThreat).Count; Synced = @(Sync-PhishMeIntelligence -Position "runspace`$_" -Since 2025-01-01).Count }
            }
            ConvertTo-Json @{ Counts = @(`$answers.Count); Threats = @(`$answers.ForEach({ `$_['Count'] })); Synced = @(`$answers.ForEach({ `$_['Synced'] })) }
"@
        $result.Threats | Should -Be @(10, 10)
        $result.Synced | Should -Be @(10, 10)
    }

    It 'shows no stack trace for any mistake' {
        $text = Invoke-Pwsh -NoProfile -NonInteractive -Command "
            `$env:PSModulePath = '$env:PSModulePath'
            Get-PhishMeThreat -First 1
            Connect-PhishMe -BaseUri nonsense -Credential ([pscredential]::new('a', (ConvertTo-SecureString 'b' -AsPlainText -Force)))
            Connect-PhishMe -ConfigPath nowhere.ini
            $connect
            Get-PhishMeThreat -Id nonsense, m_1
            Sync-PhishMeIntelligence -Position nowhere
            Get-PhishMeReport -Id m_1 -Path nodrive:/x
            Get-PhishMePosition -Name nobody" 2>&1 | Out-String
        $text | Should -Match 'Connect-PhishMe first'
        $text | Should -Not -Match '(?m)^\s+at \w+[.\w]*\('
    }
}
