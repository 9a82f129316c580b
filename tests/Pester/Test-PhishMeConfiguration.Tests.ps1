#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module PhishMe
    $one = New-Item -Path (Join-Path $TestDrive 'one.ini') -ItemType File -Value "[pm_api]`nuser = u`n"
    $two = New-Item -Path (Join-Path $TestDrive 'two.ini') -ItemType File -Value "[pm_api]`nuser = u`n"
    $missing = Join-Path $TestDrive 'missing.ini'
}

Describe 'Test-PhishMeConfiguration' {
    It 'emits one report per file' {
        $reports = Test-PhishMeConfiguration -Path $one.FullName, $two.FullName
        $reports | Should -HaveCount 2
        $reports[0] | Should -BeOfType PhishMe.Intelligence.ConfigurationReport
        $reports.Path | Should -Be $one.FullName, $two.FullName
    }

    It 'emits true or false with -Quiet' {
        Test-PhishMeConfiguration -Path $one.FullName -Quiet | Should -BeOfType bool
        Test-PhishMeConfiguration -Path $missing -Quiet -ErrorAction Ignore | Should -BeFalse
    }

    It 'expands wildcards in -Path, and not in -LiteralPath' {
        (Test-PhishMeConfiguration -Path 'TestDrive:/*.ini').Path | Should -Be $one.FullName, $two.FullName
        Test-PhishMeConfiguration -LiteralPath 'TestDrive:/*.ini' -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ConfigurationNotFound,*'
    }

    It 'takes paths and files from the pipeline' {
        ($one.FullName | Test-PhishMeConfiguration).Path | Should -Be $one.FullName
        (Get-ChildItem $TestDrive -Filter *.ini | Test-PhishMeConfiguration).Path | Should -Be $one.FullName, $two.FullName
    }

    It 'tests config.ini in the current location by default' {
        Push-Location $TestDrive
        try {
            Test-PhishMeConfiguration -ErrorVariable failure -ErrorAction SilentlyContinue
            $failure[0].TargetObject | Should -Be 'config.ini'
        }
        finally {
            Pop-Location
        }
    }

    It 'writes an error for what it cannot read, and goes on with the next: <_>' -ForEach 'missing.ini', 'no*thing.ini', '/nowhere/at/all.ini', 'env:PATH', 'nodrive:/x.ini' {
        Push-Location $TestDrive
        try {
            $reports = Test-PhishMeConfiguration -Path $_, $one.FullName -ErrorVariable failure -ErrorAction SilentlyContinue
        }
        finally {
            Pop-Location
        }
        $failure | Should -HaveCount 1
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ConfigurationNotFound,*'
        $failure[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $reports.Path | Should -Be $one.FullName
    }

    It 'stops when the consumer has enough' {
        $reports = Test-PhishMeConfiguration -Path 'TestDrive:/*.ini' | Select-Object -First 1
        $reports.Path | Should -Be $one.FullName
    }

    It 'passes on what the consumer throws, unchanged' {
        { Test-PhishMeConfiguration -Path $one.FullName -ErrorAction SilentlyContinue | ForEach-Object { throw [InvalidTimeZoneException]'mine' } } |
            Should -Throw -ExceptionType ([InvalidTimeZoneException]) -ExpectedMessage 'mine'
    }

    It 'shows a report as its path and its findings' {
        Test-PhishMeConfiguration -Path $one.FullName | Out-String -Width 200 | Should -Match ([regex]::Escape($one.FullName) + ': a run would')
    }
}
