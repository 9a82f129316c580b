#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    . (Join-Path $PSScriptRoot 'Store.ps1')
    . (Join-Path $PSScriptRoot 'FreshShell.ps1')
    $store = New-Store -Folder $TestDrive
    Disconnect-PhishMe
    $null = Invoke-Simulator $store.Simulator 'clear'
    $at = @{ Store = $store.Path }
}

AfterAll {
    Disconnect-FromSimulator $store.Simulator
}

Describe 'Find-PhishMeIndicator' {
    It 'finds <Value> and says how: <How>' -ForEach @(
        @{ Value = 'files.malware.example'; How = 'Exact' }
        @{ Value = 'hxxps://files[.]malware[.]example/get.php?id=7&t=a'; How = 'Exact' }
        @{ Value = 'https://files.malware.example/get.php'; How = 'UrlWithoutQuery' }
        @{ Value = 'https://files.malware.example/other'; How = 'UrlHost' }
        @{ Value = 'deep.files.malware.example'; How = 'ParentDomain' }
        @{ Value = '203.0.113.45'; How = 'Exact' }
        @{ Value = '198.51.100.76/31'; How = 'Cidr' }
    ) {
        $found = Find-PhishMeIndicator $Value @at
        $found.MatchKind | Should -Contain $How
        $found.Input | Select-Object -Unique | Should -Be $Value
        $found[0] | Should -BeOfType PhishMe.Intelligence.IndicatorMatch
        $found[0].Path | Should -BeNullOrEmpty
    }

    It 'does not find <_>, which is near' -ForEach 'notfiles.malware.example', 'malware.example.net', '198.51.100.78', 'https://other.invalid/?u=files.malware.example', '' {
        Find-PhishMeIndicator $_ @at | Should -BeNullOrEmpty
    }

    It 'warns of a value that is not understood, and not of one that is not in the store' {
        'not in the list', 'unknown.invalid', '203.0.113.250', '[' | Find-PhishMeIndicator @at -WarningVariable warned -WarningAction SilentlyContinue | Should -BeNullOrEmpty
        $warned | Should -HaveCount 2
        "$($warned[0])" | Should -Match "'not in the list' is not a domain"
        "$($warned[1])" | Should -Match "'\["
    }

    It 'sends no request' {
        Get-RequestEntry $store.Simulator | Should -BeNullOrEmpty
    }

    It 'takes strings, indicators and rows with a Value from the pipeline' {
        'files.malware.example', '203.0.113.45' | Find-PhishMeIndicator @at | ForEach-Object Input | Select-Object -Unique | Should -Be 'files.malware.example', '203.0.113.45'
        $indicator = $store.Threats.Indicators.Where({ $_.Value -eq '203.0.113.45' }, 'First')
        $indicator | Find-PhishMeIndicator @at | ForEach-Object Input | Select-Object -Unique | Should -Be '203.0.113.45'
        [pscustomobject]@{ Value = '203.0.113.45'; Ticket = 7 } | Find-PhishMeIndicator @at | Should -Not -BeNullOrEmpty
    }

    It 'takes the lines of Get-Content for values, not for paths' {
        $list = Join-Path $TestDrive 'values.txt'
        Set-Content -LiteralPath $list -Value '203.0.113.45', '', 'no.such.invalid'
        $found = Get-Content -LiteralPath $list | Find-PhishMeIndicator @at
        $found.Input | Select-Object -Unique | Should -Be '203.0.113.45'
        $found[0].LineNumber | Should -BeNullOrEmpty
    }

    It 'emits the first match before the second value is asked for' {
        $asked = [System.Collections.Generic.List[string]]::new()
        $found = '203.0.113.45', 'files.malware.example' | ForEach-Object { $asked.Add($_); $_ } | Find-PhishMeIndicator @at | Select-Object -First 1
        $found.Input | Should -Be '203.0.113.45'
        $asked | Should -Be '203.0.113.45'
    }

    It 'opens the store once for a whole pipeline' {
        # Open handles keep what was opened: a file that is gone in between is still searched.
        $copy = Join-Path $TestDrive 'copy.db'
        Copy-Item -LiteralPath $store.Path -Destination $copy
        $found = & { '203.0.113.45'; Rename-Item -LiteralPath $copy -NewName 'moved.db'; 'files.malware.example' } | Find-PhishMeIndicator -Store $copy
        $found.Input | Select-Object -Unique | Should -Be '203.0.113.45', 'files.malware.example'
    } -Skip:$IsWindows

    It 'chooses by impact, role and date' {
        (Find-PhishMeIndicator files.malware.example @at -MinimumImpact Major).Impact | Select-Object -Unique | Should -Be Major
        (Find-PhishMeIndicator files.malware.example, 203.0.113.45 @at -Role c2).Role | Select-Object -Unique | Should -Be C2
        Find-PhishMeIndicator files.malware.example @at -Role paysite | Should -BeNullOrEmpty
        Find-PhishMeIndicator files.malware.example @at -Since 2040-01-01 | Should -BeNullOrEmpty
        Find-PhishMeIndicator files.malware.example @at -Since 2020-01-01 | Should -Not -BeNullOrEmpty
    }

    It 'is flat, with ISO 8601 dates in CSV in every culture' {
        $before = [cultureinfo]::CurrentCulture
        try {
            [cultureinfo]::CurrentCulture = 'de-DE'
            $rows = Find-PhishMeIndicator 203.0.113.45 @at | ConvertTo-Csv | ConvertFrom-Csv
        }
        finally {
            [cultureinfo]::CurrentCulture = $before
        }
        $rows[0].LastPublished | Should -Match '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$'
        "$($rows.psobject.Properties.Value)" | Should -Not -Match 'System\.'
    }

    It 'takes wildcards for -Role' {
        (Find-PhishMeIndicator 203.0.113.45 @at -Role 'c?').Role | Select-Object -Unique | Should -Be 'C2'
        Find-PhishMeIndicator 203.0.113.45 @at -Role 'x*' | Should -BeNullOrEmpty
    }

    It 'has a view with threat, impact, role, match and value' {
        $text = Find-PhishMeIndicator 203.0.113.45 @at -Role C2 | Select-Object -First 1 | Out-String -Width 160
        $text | Should -Match 'm_900101 +Major +C2 +Exact +203\.0\.113\.45'
    }
}

Describe 'Find-PhishMeIndicator in files' {
    BeforeAll {
        $folder = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'logs')).FullName
        Set-Content -LiteralPath "$folder/a.log" -Value 'GET http://intranet.invalid/ 200', 'GET https://files.malware.example/other?x=1 404', 'from 203[.]0[.]113[.]45'
        [IO.File]::WriteAllText("$folder/b [utf-16].log", "nothing`r`n10.0.0.1 -> 203.0.113.45:443`r`n", [Text.Encoding]::Unicode)
        $null = New-Item -ItemType Directory -Path "$folder/c.log"
    }

    It 'says file and line' {
        $found = Find-PhishMeIndicator -Path "$folder/a.log" @at
        $found.Path | Select-Object -Unique | Should -Be (Join-Path $folder 'a.log')
        $found.LineNumber | Select-Object -Unique | Should -Be 2, 3
        $found | Select-Object -First 1 | Out-String -Width 160 | Should -Match '(?s)File: .*a\.log.*\n +2 '
    }

    It 'reads all files of a wildcard, UTF-16 too, and no folder' {
        $found = Find-PhishMeIndicator -Path "$folder/*.log" @at -ErrorAction Stop
        $found.Path | Split-Path -Leaf | Select-Object -Unique | Should -Be 'a.log', 'b [utf-16].log'
        $found.Where({ $_.Path -like '*utf-16*' }).LineNumber | Select-Object -Unique | Should -Be 2
    }

    It 'takes files from the pipeline by their paths' {
        $found = Get-ChildItem -LiteralPath $folder -File | Find-PhishMeIndicator @at
        $found.Path | Split-Path -Leaf | Select-Object -Unique | Should -Be 'a.log', 'b [utf-16].log'
    }

    It 'takes a name with wildcard characters as it is' {
        Find-PhishMeIndicator -LiteralPath "$folder/b [utf-16].log" @at | Should -Not -BeNullOrEmpty
    }

    It 'reads a log under gzip, names the place where one is cut off, and goes on with the next' {
        $text = [Text.Encoding]::UTF8.GetBytes(("GET http://203.0.113.45/ 200`n" * 3) + ("nothing $([guid]::NewGuid())`n" * 20000))
        $packed = [IO.MemoryStream]::new()
        $gzip = [IO.Compression.GZipStream]::new($packed, [IO.Compression.CompressionLevel]::Fastest, $true)
        $gzip.Write($text)
        $gzip.Dispose()
        [IO.File]::WriteAllBytes("$folder/whole.gz", $packed.ToArray())
        [IO.File]::WriteAllBytes("$folder/cut.gz", $packed.ToArray()[0..([int]($packed.Length / 2))])
        $found = Find-PhishMeIndicator -LiteralPath "$folder/cut.gz", "$folder/whole.gz" @at -ErrorVariable failure -ErrorAction SilentlyContinue
        $found.LineNumber | Select-Object -Unique | Should -Be 1, 2, 3
        $found.Path | Split-Path -Leaf | Select-Object -Unique | Should -Be 'cut.gz', 'whole.gz'
        $failure | Should -HaveCount 1
        Assert-ErrorIsComplete $failure[0] 'InputUnreadable' 'ReadError'
        $failure[0].ErrorDetails.Message | Should -Match 'cut off in line \d+'
        Remove-Item -LiteralPath "$folder/whole.gz", "$folder/cut.gz"
    }

    It 'names a compression that it does not read' {
        $file = Join-Path $TestDrive 'packed.log'
        [IO.File]::WriteAllBytes($file, [byte[]](0x28, 0xB5, 0x2F, 0xFD, 4, 0x58, 1, 2, 3, 4))
        Find-PhishMeIndicator -LiteralPath $file @at -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].ErrorDetails.Message | Should -Match 'Zstandard.*zstd -dc'
    }

    It 'goes on behind a file that is missing' {
        $found = Find-PhishMeIndicator -LiteralPath "$folder/missing.log", "$folder/a.log" @at -ErrorVariable failure -ErrorAction SilentlyContinue
        $found | Should -Not -BeNullOrEmpty
        $failure | Should -HaveCount 1
        Assert-ErrorIsComplete $failure[0] 'InputUnreadable' 'ReadError'
    }

    It 'stops when the consumer has enough' {
        Find-PhishMeIndicator -Path "$folder/*.log" @at | Select-Object -First 1 | Should -HaveCount 1
    }

    It 'gives the prompt back at once when it is stopped in a long log' {
        $log = Join-Path $TestDrive 'long.log'
        $line = [Text.Encoding]::UTF8.GetBytes("GET http://a.nowhere.invalid/ 200`n" * 30000)
        $stream = [IO.File]::Create($log)
        1..120 | ForEach-Object { $stream.Write($line) }
        $stream.Dispose()
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript('param($Module, $Log, $Store) Import-Module $Module; Find-PhishMeIndicator 203.0.113.45 -Store $Store | Select-Object -First 1; Find-PhishMeIndicator -LiteralPath $Log -Store $Store').AddArgument((Get-Module PhishMe).Path).AddArgument($log).AddArgument($store.Path)
            $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
            $running = $shell.BeginInvoke([System.Management.Automation.PSDataCollection[psobject]]::new(), $output)
            while ($output.Count -eq 0 -and -not $running.IsCompleted) { $null = $running.AsyncWaitHandle.WaitOne(5) }
            $shell.Stop()
            $shell.InvocationStateInfo.State | Should -Be Stopped
        }
        finally {
            $shell.Dispose()
            Remove-Item -LiteralPath $log
        }
    }
}

Describe 'Find-PhishMeIndicator and what was withdrawn' {
    BeforeAll {
        $file = Join-Path $TestDrive 'withdrawn.db'
        Connect-PhishMe -Credential $store.Simulator.Credential -BaseUri $store.Simulator.BaseUri
        $null = Sync-PhishMeIntelligence -Position withdrawn -Since 2010-01-01 -Store $file
        $null = Invoke-Simulator $store.Simulator 'withdraw?id=m_900101'
        $gone = Sync-PhishMeIntelligence -Position withdrawn -Store $file
        Disconnect-PhishMe
    }

    It 'finds it only when asked for' {
        Find-PhishMeIndicator 203.0.113.45 -Store $file | Should -BeNullOrEmpty
        $found = Find-PhishMeIndicator 203.0.113.45 -Store $file -IncludeWithdrawn
        $found[0].Withdrawn | Should -BeTrue
        $found | Out-String -Width 160 | Should -Match 'withdra'
    }

    It 'was handed over by the sync as it was last known' {
        $gone.Withdrawn | Should -BeTrue
        $gone.Indicators.Value | Should -Contain '203.0.113.45'
    }
}

Describe 'Where the store is' {
    BeforeAll {
        $folder = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'where')).FullName
        Save-Configuration $store.Simulator "$folder/config.ini" -More '[local_sqlite]', 'use = True', "db = $($store.Path)"
    }

    It 'is in the configuration named, or in config.ini of the current folder' {
        Find-PhishMeIndicator 203.0.113.45 -ConfigPath "$folder/config.ini" | Should -Not -BeNullOrEmpty
        Push-Location $folder
        try {
            Find-PhishMeIndicator 203.0.113.45 | Should -Not -BeNullOrEmpty
        }
        finally {
            Pop-Location
        }
    }

    It 'is in the configuration of the session' {
        Connect-PhishMe -ConfigPath "$folder/config.ini"
        try {
            Find-PhishMeIndicator 203.0.113.45 | Should -Not -BeNullOrEmpty
        }
        finally {
            Disconnect-PhishMe
        }
    }

    It 'is in one place: not two may be given' {
        { Find-PhishMeIndicator x @at -ConfigPath "$folder/config.ini" } | Should -Throw -ErrorId 'ParameterConflict,*'
    }
}

Describe 'A store that cannot be read' {
    It 'differs from one without a match: none yet' {
        try { Find-PhishMeIndicator 203.0.113.45 -Store (Join-Path $TestDrive 'none.db') } catch { $failure = $_ }
        Assert-ErrorIsComplete $failure 'StoreNotFound' 'ObjectNotFound'
        Test-Path -LiteralPath (Join-Path $TestDrive 'none.db') | Should -BeFalse
    }

    It 'no configuration' {
        try { Find-PhishMeIndicator 203.0.113.45 -ConfigPath (Join-Path $TestDrive 'none.ini') } catch { $failure = $_ }
        Assert-ErrorIsComplete $failure 'ConfigurationNotFound' 'ObjectNotFound'
    }

    It 'of a newer version' {
        $newer = Join-Path $TestDrive 'newer.db'
        Copy-Item -LiteralPath $store.Path -Destination $newer
        # user_version is the big-endian number at offset 60 of a SQLite file.
        $bytes = [IO.File]::ReadAllBytes($newer)
        $bytes[63] = 99
        [IO.File]::WriteAllBytes($newer, $bytes)
        try { Find-PhishMeIndicator 203.0.113.45 -Store $newer } catch { $failure = $_ }
        Assert-ErrorIsComplete $failure 'StateTooNew' 'InvalidData'
    }

    It 'damaged' {
        $damaged = Join-Path $TestDrive 'damaged.db'
        $bytes = [IO.File]::ReadAllBytes($store.Path)
        for ($i = 4096; $i -lt $bytes.Length; $i++) { $bytes[$i] = 0xA5 }
        [IO.File]::WriteAllBytes($damaged, $bytes)
        try { Find-PhishMeIndicator 203.0.113.45 -Store $damaged } catch { $failure = $_ }
        Assert-ErrorIsComplete $failure 'StoreDamaged' 'InvalidData'
        try { Get-PhishMeStatistics -Store $damaged } catch { $failure = $_ }
        Assert-ErrorIsComplete $failure 'StoreDamaged' 'InvalidData'
    }

    It 'locked by somebody else' -Skip:$IsMacOS {
        # The bytes by which SQLite locks a file, held by another process.
        $hold = '$file = [IO.File]::Open($args[0], "Open", "ReadWrite", "ReadWrite"); $file.Lock(0x40000000, 512); "held"; $null = [Console]::In.ReadLine()'
        $program, $first = Get-PwshCommand
        $start = [System.Diagnostics.ProcessStartInfo]::new($program)
        @($first) + '-NoProfile', '-Command', "& { $hold } '$($store.Path)'" | ForEach-Object { $start.ArgumentList.Add($_) }
        $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
        $holder = [System.Diagnostics.Process]::Start($start)
        try {
            $holder.StandardOutput.ReadLine() | Should -Be 'held'
            try { Find-PhishMeIndicator 203.0.113.45 @at } catch { $failure = $_ }
            Assert-ErrorIsComplete $failure 'StoreLocked' 'ResourceBusy'
        }
        finally {
            $holder.StandardInput.Close()
            $holder.WaitForExit()
        }
        Find-PhishMeIndicator 203.0.113.45 @at | Should -Not -BeNullOrEmpty
    }

    It 'no database at all' {
        $text = Join-Path $TestDrive 'text.db'
        Set-Content -LiteralPath $text -Value ('x' * 10000)
        try { Get-PhishMeThreat -FromStore -Store $text } catch { $failure = $_ }
        Assert-ErrorIsComplete $failure 'StoreDamaged' 'InvalidData'
    }
}
