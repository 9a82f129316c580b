#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeDiscovery {
    $text = (Get-Content -LiteralPath (Join-Path $PSScriptRoot '../../README.md') -Raw).ReplaceLineEndings("`n")
    # What installs the module is run by the tests of the package.
    $examples = [regex]::Matches($text, '(?ms)^```powershell\n(.*?)^```').ForEach({ @{ Code = $_.Groups[1].Value } }).Where({ $_.Code -notmatch 'PSResource' })
}

Describe 'The commands of the README, in their order' {
    BeforeAll {
        . (Join-Path $PSScriptRoot 'Connected.ps1')
        $simulator = Connect-ToSimulator
        Disconnect-PhishMe
        # What the README leaves to the reader: an account, and the API that it belongs to.
        Set-Item -Path Function:Get-Credential -Value { $simulator.Credential }
        $PSDefaultParameterValues['New-PhishMeConfiguration:BaseUri'] = $simulator.BaseUri
        Push-Location (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'readme'))
    }

    AfterAll {
        Pop-Location
        Disconnect-FromSimulator $simulator
    }

    It 'run: <Code>' -ForEach $examples {
        $output = & ([scriptblock]::Create("`$ErrorActionPreference = 'Stop'`n$Code"))
        foreach ($summary in $output | Where-Object { $_ -is [PhishMe.Intelligence.RunSummary] }) {
            $summary.ExitCode | Should -Be 'Done'
            $summary.Outputs.Threats | Should -Contain 50
        }
    }

    It 'leave what they say' {
        'config.ini', 'indicators.csv' | Should -Exist
        @(Import-Csv ./indicators.csv).Count | Should -BeGreaterThan 0
    }
}
