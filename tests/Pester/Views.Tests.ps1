#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeDiscovery {
    $widths = 80, 120, 200
    $views = @(
        @{ Type = 'Threat'; Needed = 'Id', 'Type', 'Published', 'Impact', 'Families', 'IOCs', 'Label' }
        @{ Type = 'Indicator'; Needed = 'ThreatId', 'Kind', 'Impact', 'Role', 'Family', 'Value' }
        @{ Type = 'IndicatorMatch'; Needed = 'ThreatId', 'Impact', 'Role', 'Match', 'Value' }
        @{ Type = 'IndicatorMatch#InText'; Needed = 'Line', 'ThreatId', 'Impact', 'Role', 'Match', 'Value' }
        @{ Type = 'RunSummary#History'; Needed = 'Started', 'Duration', 'ExitCode', 'Received', 'Withdrawn', 'SetAside', 'Sent' }
        @{ Type = 'DeadLetterRecord'; Needed = 'Subject', 'Format', 'Tries', 'Since', 'Due', 'Reason' }
        @{ Type = 'CheckResult'; Needed = 'Outcome', 'Subject', 'Message' }
        @{ Type = 'ConfigurationFinding'; Needed = 'Severity', 'Line', 'Where', 'Message' }
        @{ Type = 'NamedPosition'; Needed = 'Name', 'Phase', 'Pages', 'Taken', 'Updated', 'Position' }
    )
    $cases = foreach ($view in $views) { foreach ($width in $widths) { $view + @{ Width = $width } } }
}

BeforeAll {
    Import-Module PhishMe
    $null = [PhishMe.Intelligence.Threat] # The vocabulary is loaded with the module.
    $id = [PhishMe.Intelligence.ThreatId]::Parse('p_8900118')
    $url = 'https://login.example.com/a/rather/long/path/that/no/narrow/terminal/holds?session=0123456789'
    $attack = "Sign in`e[2K`e[1A`u{202E}txt"
    $when = [datetimeoffset]'2026-11-26T02:00:00Z'

    # An object of each type a table shows; every text in it can be found again.
    function New-Shown {
        param([string] $Type)
        $match = @{ Input = $url; MatchedValue = 'example.com'; MatchKind = 'ParentDomain'; Kind = 'Domain'; Impact = 'Major'; Role = 'Credential Phishing'; Source = 'WatchList'; ThreatId = $id; Path = '/var/log/proxy.log'; LineNumber = 1234567 }
        switch ($Type) {
            'Threat' { [PhishMe.Intelligence.Threat]@{ Id = $id; Label = $attack; Impact = 'Major'; LastPublished = $when; Families = [string[]]@('Mock Loader') } }
            'Indicator' { [PhishMe.Intelligence.Indicator]@{ ThreatId = $id; Kind = 'Url'; Value = $url; Impact = 'Major'; Role = 'Credential Phishing'; Family = 'Mock Loader'; Source = 'WatchList' } }
            'IndicatorMatch' { [PhishMe.Intelligence.IndicatorMatch]$match }
            'IndicatorMatch#InText' {
                $row = [psobject][PhishMe.Intelligence.IndicatorMatch]$match
                $row.psobject.TypeNames.Insert(0, 'PhishMe.Intelligence.IndicatorMatch#InText')
                $row
            }
            'RunSummary#History' {
                $row = [psobject][PhishMe.Intelligence.RunSummary]@{ RunId = 'a'; ConfigurationPath = 'c'; StartedAt = $when; EndedAt = $when; ExitCode = 'DoneWithDeadLetters' }
                $row.psobject.TypeNames.Insert(0, 'PhishMe.Intelligence.RunSummary#History')
                $row
            }
            'DeadLetterRecord' { [PhishMe.Intelligence.DeadLetterRecord]@{ Subject = "$id"; Format = 'Json'; Reason = 'It does not exist.'; Attempts = 12; FirstFailedAt = $when; LastTriedAt = $when; DueAt = $when } }
            'CheckResult' { [PhishMe.Intelligence.CheckResult]@{ Subject = 'Configuration folder'; Outcome = 'Pass'; Message = 'It is writable.' } }
            'ConfigurationFinding' { [PhishMe.Intelligence.ConfigurationFinding]@{ Severity = 'Warning'; Id = 'UnknownKey'; Section = 'integration_raw_json'; Key = 'multiple_file_location'; Line = 12; Message = 'The key is unknown.' } }
            'NamedPosition' { [PhishMe.Intelligence.NamedPosition]@{ Name = 'default'; Phase = 'Following'; UpdatedAt = $when; Value = 'abc' } }
        }
    }
}

Describe 'The views' {
    It 'show <Needed> of <Type> in <Width> columns' -ForEach $cases {
        $lines = (New-Shown $Type | Format-Table | Out-String -Width $Width).Split("`n").TrimEnd()
        $rule = $lines.IndexOf(($lines -match '^ *-+( +-+)* *$')[0])
        $lines[$rule - 1].Trim() -split ' +' | Select-Object -First $Needed.Count | Should -Be $Needed
        $lines.Length | Should -BeGreaterThan 0
        $lines.ForEach({ $_.Length }) | Measure-Object -Maximum | ForEach-Object Maximum | Should -BeLessOrEqual $Width
        $lines -match [char]0x2026 | Should -BeNullOrEmpty -Because 'nothing may be cut off'
    }

    It 'show the whole value and the whole role of <_> in 80 columns' -ForEach 'Indicator', 'IndicatorMatch', 'IndicatorMatch#InText' {
        $lines = (New-Shown $_ | Format-Table | Out-String -Width 80).Split("`n").TrimEnd()
        $rule = $lines.IndexOf(($lines -match '^ *-+( +-+)* *$')[0])
        $starts = [regex]::Matches($lines[$rule], '-+').ForEach({ $_.Index })
        $names = [regex]::Matches($lines[$rule - 1], '\S+').ForEach({ $_.Value })
        foreach ($pair in @('Value', $url), @('Role', 'Credential Phishing'), @('ThreatId', "$id")) {
            $column = $names.IndexOf($pair[0])
            $end = $column + 1 -lt $starts.Count ? $starts[$column + 1] : 80
            $text = ($lines | Select-Object -Skip ($rule + 1)).ForEach({ $_.PadRight(80).Substring($starts[$column], $end - $starts[$column]).TrimEnd() }) -join ''
            ($text -replace '\s') | Should -BeLike "*$([WildcardPattern]::Escape($pair[1] -replace '\s'))*"
        }
    }

    It 'show control characters as VisibleText does' {
        $shown = [PhishMe.Intelligence.VisibleText]::Of($attack)
        $table = New-Shown Threat | Format-Table | Out-String -Width 200
        $list = New-Shown Threat | Format-List | Out-String -Width 200
        foreach ($text in $table, $list) {
            $text | Should -BeLike "*$([WildcardPattern]::Escape($shown))*"
            $text | Should -Not -Match "`e|`u{202E}"
        }
    }

    It 'show U+<_> as VisibleText does' -ForEach '0000', '0007', '001B', '007F', '0085', '009B', '00AD', '061C', '200B', '200E', '200F', '2028', '202A', '202E', '2060', '2066', '2069', 'FEFF' {
        $text = 'a' + [char][Convert]::ToInt32($_, 16) + 'b'
        $shown = [PhishMe.Intelligence.VisibleText]::Of($text)
        $shown | Should -Be "a\u$($_)b"
        [PhishMe.Intelligence.Threat]@{ Id = $id; Label = $text } | Out-String -Width 120 | Should -BeLike "*$shown*"
    }
}

Describe 'Errors' {
    It 'show control characters visibly' {
        try { Get-PhishMePosition -Name "x`e[31my" -ErrorAction Stop } catch { $failure = $_ }
        $failure.ErrorDetails.Message | Should -BeLike '*x\u001B`[31my*'
        $failure.ErrorDetails.Message | Should -Not -Match "`e"
    }
}
