#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeDiscovery {
    . (Join-Path $PSScriptRoot 'SimulatorProcess.ps1')
    $noSimulator = -not (Get-SimulatorAssembly)
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'SimulatorProcess.ps1')
    Import-Module PhishMe
}

Describe 'Export-PhishMeDashboard' -Skip:$noSimulator {
    BeforeAll {
        $simulator = Start-Simulator
        $file = (New-PhishMeConfiguration -ConfigPath (Join-Path $TestDrive 'dashboard.ini') -Credential $simulator.Credential -BaseUri $simulator.BaseUri -StartDate 2025-01-01 -Setting @{
                'local_sqlite.use' = 'True'
            }).FullName
        $page = Join-Path $TestDrive 'page [1].html'
    }
    AfterAll { Stop-Simulator $simulator }

    It 'writes nothing with -WhatIf' {
        Export-PhishMeDashboard $page -ConfigPath $file -WhatIf
        Test-Path -LiteralPath $page | Should -BeFalse
    }

    It 'shows that no run has ended yet' {
        Export-PhishMeDashboard -OutputPath $page -ConfigPath $file | Should -BeNullOrEmpty
        Get-Content -LiteralPath $page -Raw | Should -Match 'No run has ended yet'
    }

    It 'shows the run, and replaces the file' {
        $summary = Invoke-PhishMeIntegration -ConfigPath $file
        $written = Export-PhishMeDashboard -Path $page -ConfigPath $file -PassThru
        $written | Should -BeOfType System.IO.FileInfo
        $written.FullName | Should -Be $page
        $text = Get-Content -LiteralPath $page -Raw
        $text | Should -Match '<dd class="good">Done</dd>'
        $text | Should -Match ('<dt>Threats in the store</dt><dd class="">{0}</dd>' -f $summary.Received)
        (Get-ChildItem -LiteralPath $TestDrive -Filter '*.partial') | Should -BeNullOrEmpty
    }

    It 'keeps the file with -NoClobber' {
        { Export-PhishMeDashboard $page -ConfigPath $file -NoClobber } | Should -Throw -ErrorId 'FileExists,*'
    }

    It 'is an error without the configuration' {
        { Export-PhishMeDashboard $page -ConfigPath (Join-Path $TestDrive 'missing.ini') } | Should -Throw -ErrorId 'ConfigurationNotFound,*'
    }
}

Describe 'Register-PhishMeServer' {
    BeforeAll {
        $file = (New-PhishMeConfiguration -ConfigPath (Join-Path $TestDrive "soc's 100%.ini")).FullName
        $units = Join-Path $TestDrive 'units'
        $program = Join-Path $TestDrive 'phishme-server'
        Set-Content -LiteralPath $program -Value 'stands for the program'
    }

    It 'changes nothing with -WhatIf: <_>' -ForEach 'Systemd', 'WindowsService' {
        Register-PhishMeServer -ConfigPath $file -ProgramPath $program -Kind $_ -UnitPath $units -WhatIf | Should -BeNullOrEmpty
        Test-Path -LiteralPath $units | Should -BeFalse
    }

    It 'writes a unit to a folder, and replaces it with -Force only' {
        $service = Register-PhishMeServer -ConfigPath $file -ProgramPath $program -Kind Systemd -UnitPath $units -Scope User
        $service | Should -BeOfType PhishMe.Intelligence.ServerService
        $service.Files | Should -Be (Join-Path $units 'phishme-server.service')
        $service.Active | Should -BeFalse
        $service.NextStep | Should -Match 'systemctl --user enable --now phishme-server\.service'
        $unit = Get-Content -LiteralPath $service.Files[0]
        $unit | Should -Contain ('ExecStart="{0}" -conf "{1}"' -f $program, $file.Replace('%', '%%'))
        $unit | Should -Contain 'Restart=on-failure'
        $unit | Should -Contain 'WantedBy=default.target'
        Register-PhishMeServer -ConfigPath $file -ProgramPath $program -Kind Systemd -UnitPath $units -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'FileExists,*'
        Register-PhishMeServer -ConfigPath $file -ProgramPath $program -Kind Systemd -UnitPath $units -Force | Should -HaveCount 1
    }

    It 'is refused where there are no Windows services' -Skip:$IsWindows {
        Register-PhishMeServer -ConfigPath $file -ProgramPath $program -Kind WindowsService -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ScheduleRefused,*'
    }

    It 'needs the program' {
        Register-PhishMeServer -ConfigPath $file -ProgramPath (Join-Path $TestDrive 'missing') -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ServerNotFound,*'
    }

    It 'needs the configuration file' {
        Register-PhishMeServer -ConfigPath (Join-Path $TestDrive 'missing.ini') -ProgramPath $program -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ConfigurationNotFound,*'
    }
}
