#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeDiscovery {
    $pages = Get-ChildItem -Path (Join-Path $PSScriptRoot '../../docs/en-US/*.md')
    $examples = foreach ($page in $pages) {
        $text = (Get-Content -LiteralPath $page.FullName -Raw).ReplaceLineEndings("`n")
        foreach ($match in [regex]::Matches($text, '(?ms)^### (?<title>Example \d+: [^\n]+)\n.*?^```powershell\n(?<code>.*?)^```')) {
            @{ Cmdlet = $page.BaseName; Title = $match.Groups['title'].Value; Code = $match.Groups['code'].Value }
        }
    }
    $cmdlets = (Import-PowerShellDataFile (Join-Path $env:PHISHME_STAGED_MODULE 'PhishMe.psd1')).CmdletsToExport
}

Describe 'Get-Help' {
    BeforeAll { Import-Module PhishMe }

    It 'shows synopsis, description, parameters and examples of <_>' -ForEach $cmdlets {
        $help = Get-Help -Name $_ -Full
        $help.Synopsis | Should -Not -BeLike "$_ *"
        $help.description.Text | Should -Not -BeNullOrEmpty
        @($help.examples.example).Count | Should -BeGreaterOrEqual 2
        $declared = (Get-Command $_).Parameters.Values.Where({ $_.Name -notin [System.Management.Automation.Cmdlet]::CommonParameters }).Name
        $help.parameters.parameter.name | Sort-Object | Should -Be ($declared | Sort-Object)
    }

    It 'shows the examples of <_> as code, without fences' -ForEach $cmdlets {
        $text = Get-Help -Name $_ -Examples | Out-String -Width 1000
        $text | Should -Not -Match '```'
        $page = (Get-Content -LiteralPath (Join-Path $PSScriptRoot "../../docs/en-US/$_.md") -Raw).ReplaceLineEndings("`n")
        $codes = [regex]::Matches($page, '(?ms)^```powershell\n(.*?)\n^```').ForEach({ $_.Groups[1].Value })
        @((Get-Help -Name $_ -Examples).examples.example).ForEach({ "$($_.code)".Trim().ReplaceLineEndings("`n") }) | Should -Be $codes
    }

    It 'shows the topic <_>' -ForEach 'about_PhishMe', 'about_PhishMe_Configuration', 'about_PhishMe_Errors', 'about_PhishMe_Lookups', 'about_PhishMe_Scheduling' {
        Get-Help -Name $_ | Out-String | Should -Match 'LONG DESCRIPTION'
    }

    It 'has a page for each cmdlet and no other' {
        (Get-ChildItem -Path (Join-Path $PSScriptRoot '../../docs/en-US/*.md')).BaseName | Sort-Object |
            Should -Be ((Get-Command -Module PhishMe).Name | Sort-Object)
    }
}

Describe 'The examples' {
    BeforeAll {
        . (Join-Path $PSScriptRoot 'SimulatorProcess.ps1')
        . (Join-Path $PSScriptRoot 'SyslogCollector.ps1')
        . (Join-Path $PSScriptRoot 'InstallationFolder.ps1')
        Import-Module PhishMe
        $simulator = Start-Simulator
        $collector = Start-SyslogCollector
        $installation = Join-Path $TestDrive 'installation'
        $null = New-Installation -Path $installation -Simulator $simulator -SyslogPort $collector.Port
        $env:PHISHME_USER = $simulator.User
        $env:PHISHME_PASS = $simulator.Pass
        # Positions of the examples, not of whoever runs the tests.
        $positionsBefore = $env:PHISHME_HOME
        $env:PHISHME_HOME = Join-Path $TestDrive 'home'
        # What an example asks a person for.
        Set-Item -Path Function:Get-Credential -Value { $simulator.Credential }
        Push-Location $installation
    }

    AfterAll {
        Pop-Location
        $env:PHISHME_USER = $env:PHISHME_PASS = $null
        $env:PHISHME_HOME = $positionsBefore
        $collector.Dispose()
        Stop-Simulator $simulator
    }

    BeforeEach { Connect-PhishMe -Credential $simulator.Credential -BaseUri $simulator.BaseUri }

    It '<Cmdlet>, <Title>' -ForEach $examples {
        $Code | Should -Match ([regex]::Escape($Cmdlet)) -Because 'an example shows the command it belongs to'
        # The names that stand for someone's own servers, and the vendor's own.
        $runnable = $Code -replace 'siem\.example\.com', "127.0.0.1 -Port $($collector.Port)" -replace '(Connect-PhishMe -Credential \(.*?\))', "`$1 -BaseUri $($simulator.BaseUri)"
        { & ([scriptblock]::Create("`$ErrorActionPreference = 'Stop'`n$runnable")) *>&1 | Out-String } | Should -Not -Throw
    }
}
