#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module PhishMe
    . (Join-Path $PSScriptRoot 'FreshShell.ps1')
    $manifest = Join-Path $env:PHISHME_STAGED_MODULE 'PhishMe.psd1'
    $missing = Join-Path $TestDrive 'missing.ini'
}

Describe 'Invoke-PhishMeIntegration with a file that does not exist' {
    BeforeAll {
        $summary = Invoke-PhishMeIntegration -ConfigPath $missing -ErrorVariable failure -ErrorAction SilentlyContinue
    }

    It 'emits exactly one summary that names file, exit code and fault' {
        $summary | Should -HaveCount 1
        $summary | Should -BeOfType PhishMe.Intelligence.RunSummary
        $summary.ConfigurationPath | Should -Be $missing
        [int]$summary.ExitCode | Should -Be 10
        $summary.Fault.Kind.Id | Should -Be 'ConfigurationNotFound'
    }

    It 'writes one error with a stable id, a category, the file and the next step' {
        $failure | Should -HaveCount 1
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ConfigurationNotFound,*'
        $failure[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $failure[0].TargetObject | Should -Be $missing
        $failure[0].ErrorDetails.RecommendedAction | Should -Match 'config\.ini'
        $failure[0].Exception | Should -BeOfType PhishMe.Intelligence.PhishMeException
    }

    It 'does not end the script' {
        $after = & { Invoke-PhishMeIntegration -ConfigPath $missing -ErrorAction SilentlyContinue | Out-Null; 'went on' }
        $after | Should -Be 'went on'
    }

    It 'ends the pipeline under -ErrorAction Stop, after the summary' {
        $seen = [System.Collections.Generic.List[object]]::new()
        { Invoke-PhishMeIntegration -ConfigPath $missing -ErrorAction Stop | ForEach-Object { $seen.Add($_) } } |
            Should -Throw -ErrorId 'ConfigurationNotFound,*'
        $seen | Should -HaveCount 1
    }

    It 'never shows a stack trace' {
        $text = Invoke-Pwsh -NoProfile -NonInteractive -Command "Import-Module '$manifest'; Invoke-PhishMeIntegration -ConfigPath '$missing'" 2>&1 | Out-String
        $text | Should -Match 'ConfigurationPath'
        $text | Should -Not -Match '\bat PhishMe\.'
    }
}

Describe 'The path' {
    It 'is config.ini in the current location unless given' {
        Push-Location $TestDrive
        try {
            (Invoke-PhishMeIntegration -ErrorAction Ignore).ConfigurationPath | Should -Be (Join-Path $TestDrive 'config.ini')
        }
        finally {
            Pop-Location
        }
    }

    It 'may be one of a PowerShell drive' {
        (Invoke-PhishMeIntegration -ConfigPath 'TestDrive:/missing.ini' -ErrorAction Ignore).ConfigurationPath | Should -Be $missing
    }

    It 'is taken literally' {
        (Invoke-PhishMeIntegration -ConfigPath 'TestDrive:/miss*[1].ini' -ErrorAction Ignore).ConfigurationPath |
            Should -Be (Join-Path $TestDrive 'miss*[1].ini')
    }

    It 'answers to <_> as the Python integration did' -ForEach 'conf', 'config_file' {
        $arguments = @{ $_ = $missing }
        (Invoke-PhishMeIntegration @arguments -ErrorAction Ignore).ConfigurationPath | Should -Be $missing
    }

    It 'is taken from files in the pipeline, one run each' {
        $files = 'a.ini', 'b.ini' | ForEach-Object { New-Item -Path (Join-Path $TestDrive $_) -ItemType File -Force }
        $summaries = $files | Invoke-PhishMeIntegration -ErrorAction Ignore -WarningAction Ignore
        $summaries.ConfigurationPath | Should -Be $files.FullName
    }

    It 'that is not in the file system still gives a summary and an error: <_>' -ForEach 'env:PATH', 'nodrive:\config.ini' {
        $summary = Invoke-PhishMeIntegration -ConfigPath $_ -ErrorVariable failure -ErrorAction SilentlyContinue
        [int]$summary.ExitCode | Should -Be 10
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ConfigurationNotFound,*'
    }
}

Describe '-WhatIf' {
    It 'makes a dry run: says so, emits a summary marked as one' {
        $summary = Invoke-PhishMeIntegration -ConfigPath $missing -WhatIf -ErrorAction Ignore
        $summary.DryRun | Should -BeTrue
        (Invoke-PhishMeIntegration -ConfigPath $missing -ErrorAction Ignore).DryRun | Should -BeFalse
    }

    It 'follows $WhatIfPreference' {
        $summary = & { $WhatIfPreference = $true; Invoke-PhishMeIntegration -ConfigPath $missing -ErrorAction Ignore }
        $summary.DryRun | Should -BeTrue
    }
}

Describe 'A scheduled run' {
    It 'exits with the code of the summary' {
        $script = Join-Path $TestDrive 'run.ps1'
        Set-Content -Path $script -Value @"
Import-Module '$manifest'
exit (Invoke-PhishMeIntegration -ConfigPath '$missing').ExitCode
"@
        Invoke-Pwsh -NoProfile -NonInteractive -File $script *> $null
        $LASTEXITCODE | Should -Be 10
    }
}

Describe 'The view of a summary' {
    It 'begins with the exit code in words and as a number' {
        $text = Invoke-PhishMeIntegration -ConfigPath $missing -ErrorAction Ignore | Out-String
        $text.Trim() | Should -Match '^ExitCode\s+: Configuration \(10\)'
        $text | Should -Match 'Position\s+: none -> none'
    }
}
