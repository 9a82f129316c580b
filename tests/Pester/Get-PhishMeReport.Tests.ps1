#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    . (Join-Path $PSScriptRoot 'Connected.ps1')
    $simulator = Connect-ToSimulator '--threats', '20'
    $path = Join-Path $TestDrive 'once.ini'
    Save-Configuration $simulator $path
    Connect-PhishMe -ConfigPath $path
    $withReport = @(Get-PhishMeThreat -Type Malware | Where-Object HasReport)
    $folder = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'reports')).FullName
    $number = 0
}

AfterAll {
    Disconnect-FromSimulator $simulator
}

Describe 'Get-PhishMeReport' {
    It 'writes HTML into a folder, named after the threat, and emits the file' {
        $file = Get-PhishMeReport -Id m_500000 -Path $folder
        $file | Should -BeOfType System.IO.FileInfo
        $file.FullName | Should -Be (Join-Path $folder 'm_500000.html')
        Get-Content -Raw $file | Should -Match '<html'
    }

    It 'writes PDF' {
        $file = Get-PhishMeReport -Id m_500000 -Path $folder -Format Pdf
        $file.Name | Should -Be 'm_500000.pdf'
        [Text.Encoding]::ASCII.GetString([IO.File]::ReadAllBytes($file)[0..3]) | Should -Be '%PDF'
    }

    It 'writes to the file named, also of a PowerShell drive' {
        (Get-PhishMeReport -Id 500000 -Path 'TestDrive:/one.html').FullName | Should -Be (Join-Path $TestDrive 'one.html')
        (Get-PhishMeReport -Id 500000 -LiteralPath (Join-Path $TestDrive 'a[1].html')).Name | Should -Be 'a[1].html'
    }

    It 'writes into the current folder unless asked otherwise' {
        Push-Location $folder
        try {
            Remove-Item m_500000.html -ErrorAction Ignore
            (Get-PhishMeReport m_500000).FullName | Should -Be (Join-Path $folder 'm_500000.html')
        }
        finally {
            Pop-Location
        }
    }

    It 'takes threats from the pipeline' {
        $files = $withReport[0..2] | Get-PhishMeReport -Path $folder
        $files.Name | Should -Be $withReport[0..2].Id.ForEach({ "$_.html" })
    }

    It 'says so when there is none, and goes on' {
        $missing = @(Get-PhishMeThreat -Type Malware | Where-Object HasReport -EQ $false)
        $ids = @('m_1', 'p_500000') + @($missing | Select-Object -First 1 -ExpandProperty Id) + 'm_500000'
        $files = Get-PhishMeReport -Id $ids -Path $folder -ErrorVariable failures -ErrorAction SilentlyContinue
        $files.Name | Should -Be 'm_500000.html'
        $failures.Count | Should -Be ($ids.Count - 1)
        foreach ($failure in $failures) {
            Assert-ErrorIsComplete $failure 'ReportNotFound' 'ObjectNotFound'
        }
        Join-Path $folder 'm_1.html' | Should -Not -Exist
    }

    It 'takes the answer 500 as a report that is not there' {
        Add-SimulatorFault $simulator @{ route = 'html'; kind = 'ServerError500'; count = -1 }
        Get-PhishMeReport -Id m_500000 -Path $folder -ErrorVariable failures -ErrorAction SilentlyContinue
        $null = Invoke-Simulator $simulator 'clear-faults'
        Assert-ErrorIsComplete $failures[0] 'ReportNotFound' 'ObjectNotFound'
    }

    It 'leaves a file that is there with -NoClobber' {
        $file = Join-Path $TestDrive 'kept.html'
        Set-Content -Path $file -Value 'mine'
        Get-PhishMeReport -Id m_500000 -Path $file -NoClobber -ErrorVariable failures -ErrorAction SilentlyContinue
        Assert-ErrorIsComplete $failures[0] 'FileExists' 'ResourceExists'
        Get-Content $file | Should -Be 'mine'
    }

    It 'does not write two reports into one file' {
        $file = Join-Path $TestDrive 'both.html'
        $written = Get-PhishMeReport -Id $withReport[0..1].Id -Path $file -ErrorVariable failures -ErrorAction SilentlyContinue
        $written | Should -HaveCount 1
        Assert-ErrorIsComplete $failures[0] 'FileExists' 'ResourceExists'
    }

    It 'writes nothing with -WhatIf' {
        Get-PhishMeReport -Id m_500000 -Path (Join-Path $TestDrive 'no.html') -WhatIf | Should -BeNullOrEmpty
        Join-Path $TestDrive 'no.html' | Should -Not -Exist
    }

    It 'tells a path that is none: <_>' -ForEach 'env:PATH', 'nodrive:\x.html', 'TestDrive:/nothing-*.html' {
        $place = $_
        try { Get-PhishMeReport -Id m_500000 -Path $place } catch { $failure = $_ }
        Assert-ErrorIsComplete $failure 'PathInvalid' 'InvalidArgument'
    }

    It 'tells a folder that does not exist' {
        Get-PhishMeReport -Id m_500000 -Path (Join-Path $TestDrive 'no/such/file.html') -ErrorVariable failures -ErrorAction SilentlyContinue
        Assert-ErrorIsComplete $failures[0] 'PathInvalid' 'InvalidArgument'
    }
}
