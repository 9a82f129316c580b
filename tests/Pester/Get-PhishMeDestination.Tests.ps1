#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeDiscovery {
    . (Join-Path $PSScriptRoot 'SimulatorProcess.ps1')
    $noSimulator = -not (Get-SimulatorAssembly)
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'SimulatorProcess.ps1')
    Import-Module PhishMe
}

Describe 'Destinations' -Skip:$noSimulator {
    BeforeAll {
        $simulator = Start-Simulator
        $file = (New-PhishMeConfiguration -ConfigPath (Join-Path $TestDrive 'destinations.ini') -Credential $simulator.Credential -BaseUri $simulator.BaseUri -StartDate 2025-01-01).FullName
    }
    AfterAll { Stop-Simulator $simulator }

    It 'are listed before the first run' {
        $destination = Get-PhishMeDestination -ConfigPath $file
        $destination | Should -BeOfType PhishMe.Intelligence.DestinationStatus
        $destination.Id | Should -Be 'raw_json'
        $destination.Kind | Should -Be Transactional
        $destination.IsCurrent | Should -BeFalse
    }

    It 'are up to date after a run' {
        $summary = Invoke-PhishMeIntegration -ConfigPath $file
        $destination = Get-PhishMeDestination -ConfigPath $file
        $destination.IsCurrent | Should -BeTrue
        $destination.Position | Should -Be $summary.PositionAfter
        $destination.LastDeliveryAt | Should -Not -BeNullOrEmpty
        $destination | Out-String -Width 120 | Should -Match 'Id\s+Kind\s+Current\s+Waiting\s+LastDelivery\s+State'
    }

    It 'are not reset with -WhatIf' {
        Reset-PhishMeDestination -Id raw_json -ConfigPath $file -WhatIf
        (Get-PhishMeDestination -ConfigPath $file).IsCurrent | Should -BeTrue
    }

    It 'are reset one by one, by pipeline too, and the next run delivers everything again' {
        $reset = Get-PhishMeDestination -ConfigPath $file | Reset-PhishMeDestination -ConfigPath $file -PassThru
        $reset.IsCurrent | Should -BeFalse
        $again = Invoke-PhishMeIntegration -ConfigPath $file
        $again.Received | Should -Be 0
        $again.Destinations[0].Delivered | Should -BeGreaterThan 0
        (Get-PhishMeDestination -ConfigPath $file).IsCurrent | Should -BeTrue
    }

    It 'that no one knows cannot be reset' {
        Reset-PhishMeDestination -Id raw_xml -ConfigPath $file -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'DestinationNotFound,*'
    }
}
