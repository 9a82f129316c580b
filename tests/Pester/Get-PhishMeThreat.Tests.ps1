#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    . (Join-Path $PSScriptRoot 'Connected.ps1')
    $simulator = Connect-ToSimulator '--threats', '250'
    $malware = Get-PhishMeThreat -Id m_500000
    $phish = Get-PhishMeThreat -Id p_500000
    $all = @(Get-PhishMeThreat)

    # What of a threat a person could look for.
    function Find-Indicator {
        param([string] $Kind, [string] $Source)
        $all.Indicators | Where-Object { $_.Kind -eq $Kind -and $_.NormalizedValue -and (-not $Source -or $_.Source -eq $Source) } | Select-Object -First 1
    }
}

AfterAll {
    Disconnect-FromSimulator $simulator
}

Describe 'Threats by id' {
    BeforeEach {
        $null = Invoke-Simulator $simulator 'clear'
    }

    It 'come in the order asked for, in one request' {
        (Get-PhishMeThreat -Id p_500000, m_500001, m_500000).Id | Should -Be @('p_500000', 'm_500001', 'm_500000')
        Get-RequestCount $simulator 'search' | Should -Be 1
    }

    It 'are known by a number alone together with -Type' {
        (Get-PhishMeThreat -Id 500000 -Type Phish).Id | Should -Be 'p_500000'
        ('500000' | Get-PhishMeThreat -Type Malware).Id | Should -Be 'm_500000'
    }

    It 'from the pipeline are asked for a hundred at a time, each once' {
        $ids = $all.Id.ForEach({ "$_" })
        $found = $ids + $ids[0..9] | Get-PhishMeThreat
        $found.Id.ForEach({ "$_" }) | Should -Be $ids
        Get-RequestCount $simulator 'search' | Should -Be 3
    }

    It 'are taken from <Name>' -ForEach @(
        @{ Name = 'threats'; Items = { $malware, $phish } }
        @{ Name = 'indicators'; Items = { $malware.Indicators[0], $phish.Indicators[0] } }
        @{ Name = 'ids'; Items = { $malware.Id, $phish.Id } }
        @{ Name = 'lines of a CSV file'; Items = { "ThreatId,Note`nm_500000,a`np_500000,b" | ConvertFrom-Csv } }
        @{ Name = 'objects with an Id'; Items = { [pscustomobject]@{ Id = 'm_500000' }, [pscustomobject]@{ Id = 'p_500000' } } }
    ) {
        (& $Items | Get-PhishMeThreat).Id | Should -Be @('m_500000', 'p_500000')
        (Get-PhishMeThreat -Id (& $Items)).Id | Should -Be @('m_500000', 'p_500000')
    }

    It 'that do not exist are reported one by one, and do not hide the others' {
        $found = Get-PhishMeThreat -Id m_1, m_500000, p_2 -ErrorVariable failures -ErrorAction SilentlyContinue
        $found.Id | Should -Be 'm_500000'
        $failures | Should -HaveCount 2
        $failures.TargetObject | Should -Be @('m_1', 'p_2')
        Assert-ErrorIsComplete $failures[0] 'ThreatNotFound' 'ObjectNotFound'
    }

    It 'that are not ids are reported, and do not hide the others: <_>' -ForEach 'x_1', '500000', 'm_', 'm_-1' {
        $found = Get-PhishMeThreat -Id $_, m_500000 -ErrorVariable failures -ErrorAction SilentlyContinue
        $found.Id | Should -Be 'm_500000'
        Assert-ErrorIsComplete $failures[0] 'ThreatIdInvalid' 'InvalidArgument'
        $failures[0].TargetObject | Should -Be $_
    }

    It 'hold everything received' {
        $malware | Should -BeOfType PhishMe.Intelligence.Threat
        $malware.Families | Should -Contain 'Demo RAT'
        $malware.Json.Length | Should -BeGreaterThan 1000
    }

    It 'are cut to -First' {
        (Get-PhishMeThreat -Id p_500000, m_500001, m_500000 -First 2).Id | Should -Be @('p_500000', 'm_500001')
    }
}

Describe 'A search' {
    BeforeEach {
        $null = Invoke-Simulator $simulator 'clear'
    }

    It 'reads all pages' {
        @(Get-PhishMeThreat).Count | Should -Be 250
        Get-RequestCount $simulator 'search' | Should -Be 3
    }

    It 'gives the newest with -First <_>, newest first' -ForEach 1, 7, 150, 1000 {
        $newest = Get-PhishMeThreat | Sort-Object -Property LastPublished -Descending | Select-Object -First $_
        $found = @(Get-PhishMeThreat -First $_)
        $found.LastPublished | Should -Be $newest.LastPublished
        @($found.Id | Sort-Object -Unique).Count | Should -Be ([Math]::Min($_, 250))
    }

    It 'looks no further back for -First than it has to' {
        $null = Get-PhishMeThreat -First 1
        $one = Get-RequestCount $simulator 'search'
        $null = Invoke-Simulator $simulator 'clear'
        @(Get-PhishMeThreat -First 1000).Count | Should -Be 250
        Get-RequestCount $simulator 'search' | Should -BeGreaterOrEqual $one
        $one | Should -BeLessOrEqual 8
    }

    It 'keeps to the bounds of a search with -First' {
        $found = Get-PhishMeThreat -Since 2025-02-01 -Until 2025-03-01 -First 5
        $found | Should -HaveCount 5
        $found.LastPublished | Where-Object { $_ -lt [datetimeoffset]'2025-02-01Z' -or $_ -gt [datetimeoffset]'2025-03-01Z' } | Should -BeNullOrEmpty
    }

    It 'takes wildcards for -<Name>' -ForEach @(
        @{ Name = 'Family'; Pattern = 'mock*'; Test = { @($_.Families -like 'mock*').Count } }
        @{ Name = 'Family'; Pattern = '*r'; Test = { @($_.Families -like '*r').Count } }
        @{ Name = 'Brand'; Pattern = 'example*', '*bank'; Test = { @($_.Brands -like 'example*').Count -or @($_.Brands -like '*bank').Count } }
    ) {
        $arguments = @{ $Name = $Pattern }
        $expected = @(Get-PhishMeThreat | Where-Object $Test)
        $expected.Count | Should -BeIn (1..249)
        (Get-PhishMeThreat @arguments).Id | Sort-Object | Should -Be ($expected.Id | Sort-Object)
        Get-PhishMeThreat @arguments -First 2 | Should -HaveCount 2
    }

    It 'says that -<_> takes no wildcards' -ForEach 'Domain', 'Ip', 'FileName', 'Hash', 'SenderDomain', 'WatchListDomain', 'KitName' {
        $name = $_
        $arguments = @{ $name = '*.example' }
        try { Get-PhishMeThreat @arguments } catch { $failure = $_ }
        Assert-ErrorIsComplete $failure 'WildcardNotSupported' 'InvalidArgument'
        $failure.ErrorDetails.Message | Should -BeLike "-$name does not take wildcards: '*"
        Get-RequestEntry $simulator | Should -BeNullOrEmpty
    }

    It 'knows -<Alias> as -<Name>' -ForEach @{ Alias = 'PublishedAfter'; Name = 'Since' }, @{ Alias = 'PublishedBefore'; Name = 'Until' } {
        (Get-Command Get-PhishMeThreat).Parameters[$Name].Aliases | Should -Contain $Alias
    }

    It 'stops early when no one wants more' {
        @(Get-PhishMeThreat | Select-Object -First 5).Count | Should -Be 5
        Get-RequestCount $simulator 'search' | Should -BeLessOrEqual 3
    }

    It 'by -Type and time' {
        $found = Get-PhishMeThreat -Type Phish -PublishedAfter '2025-02-01Z' -PublishedBefore '2025-03-01Z'
        $found | Should -Not -BeNullOrEmpty
        $found.Type | Select-Object -Unique | Should -Be 'Phish'
        $found.LastPublished | ForEach-Object { $_ | Should -BeGreaterOrEqual ([DateTimeOffset]'2025-02-01Z') }
    }

    It 'sends -<Parameter> as <Name>' -ForEach @(
        @{ Parameter = 'NativeId'; Name = 'threatNativeId'; Value = 500000; Text = '500000' }
        @{ Parameter = 'ExtractedString'; Name = 'extractedString'; Value = 'abc' }
        @{ Parameter = 'SenderName'; Name = 'malwareSenderName'; Value = 'Accounts' }
        @{ Parameter = 'Subject'; Name = 'malwareSubject'; Value = 'blank kept' }
        @{ Parameter = 'SenderIp'; Name = 'malwareSenderIp'; Value = '203[.]0.113.72', '203.0.113.73'; Text = '203.0.113.72', '203.0.113.73' }
        @{ Parameter = 'Family'; Name = 'malwareFamily'; Value = 'Demo RAT' }
        @{ Parameter = 'ArtifactName'; Name = 'malwareFile'; Value = 'a.exe', 'b.exe' }
        @{ Parameter = 'ArtifactMd5'; Name = 'malwareArtifactMD5'; Value = 'd41d8cd98f00b204e9800998ecf8427e' }
        @{ Parameter = 'SenderDomain'; Name = 'malwareDomain'; Value = 'a[.]example'; Text = 'a.example' }
        @{ Parameter = 'WatchListDomain'; Name = 'malwareWatchListDomain'; Value = 'a[.]example'; Text = 'a.example' }
        @{ Parameter = 'WatchListIp'; Name = 'malwareWatchListIp'; Value = '198.51.100.181' }
        @{ Parameter = 'WatchListUrl'; Name = 'malwareWatchListUrlSearch'; Value = 'hxxp://a[.]example/'; Text = 'http://a.example/' }
        @{ Parameter = 'WatchListEmail'; Name = 'watchListEmail'; Value = 'a[at]b[.]example'; Text = 'a@b.example' }
        @{ Parameter = 'HostingAsn'; Name = 'phishingASN'; Value = 64500; Text = '64500' }
        @{ Parameter = 'HostingCountry'; Name = 'phishingASNCountryCode'; Value = 'GB' }
        @{ Parameter = 'HostingOrganization'; Name = 'phishingASNOrganization'; Value = 'Example Hosting AS' }
        @{ Parameter = 'HostingIp'; Name = 'threatIp'; Value = '203.0.113.157' }
        @{ Parameter = 'PageTitle'; Name = 'phishingTitle'; Value = 'Office & <Login>' }
        @{ Parameter = 'Language'; Name = 'language'; Value = 'English' }
        @{ Parameter = 'PhishDomain'; Name = 'threatDomain'; Value = 'a.test' }
        @{ Parameter = 'PhishUrl'; Name = 'threatUrlSearch'; Value = '"http://a.test/"' }
        @{ Parameter = 'ReportedDomain'; Name = 'reportedDomain'; Value = 'a.test' }
        @{ Parameter = 'ReportedUrl'; Name = 'reportedUrlSearch'; Value = 'a.test' }
        @{ Parameter = 'ActionDomain'; Name = 'actionDomain'; Value = 'a.test' }
        @{ Parameter = 'ActionUrl'; Name = 'actionUrlSearch'; Value = 'post.php' }
        @{ Parameter = 'DropMail'; Name = 'dropMail'; Value = 'a@b.test' }
        @{ Parameter = 'KitName'; Name = 'kitFile'; Value = 'kit.zip' }
        @{ Parameter = 'KitMd5'; Name = 'kitMD5'; Value = 'd41d8cd98f00b204e9800998ecf8427e' }
        @{ Parameter = 'WebComponentName'; Name = 'webComponentFile'; Value = 'part1.css' }
        @{ Parameter = 'WebComponentMd5'; Name = 'webComponentMD5'; Value = 'd41d8cd98f00b204e9800998ecf8427e' }
        @{ Parameter = 'Brand'; Name = 'brand'; Value = "Muster & S`u{f6}hne" }
        @{ Parameter = 'Ip'; Name = 'ip'; Value = '198.51.100.181' }
        @{ Parameter = 'Domain'; Name = 'domain'; Value = 'a.test', 'b.test' }
        @{ Parameter = 'FileName'; Name = 'file'; Value = 'a.exe' }
        @{ Parameter = 'Md5'; Name = 'allMD5'; Value = 'd41d8cd98f00b204e9800998ecf8427e' }
        @{ Parameter = 'Hash'; Name = 'allHash'; Value = 'd41d8cd98f00b204e9800998ecf8427e' }
        @{ Parameter = 'Url'; Name = 'urlSearch'; Value = 'hxxps://a[.]test/x'; Text = 'https://a.test/x' }
    ) {
        $arguments = @{ $Parameter = $Value }
        $null = Get-PhishMeThreat @arguments
        $query = [uri]::UnescapeDataString((Get-RequestEntry $simulator | Where-Object route -EQ 'search' | Select-Object -Last 1).query.Replace('+', ' '))
        foreach ($part in $Text ? $Text : $Value) {
            $query | Should -BeLike "*&$([WildcardPattern]::Escape("$Name=$part"))*"
        }
    }

    It 'with -HasKit, either way' {
        $with = @(Get-PhishMeThreat -HasKit)
        $without = @(Get-PhishMeThreat -HasKit:$false -Type Phish)
        $with | Should -Not -BeNullOrEmpty
        $with.Kits | Should -Not -BeNullOrEmpty
        $with.Count + $without.Count | Should -Be @($all | Where-Object Type -EQ 'Phish').Count
    }

    It 'by -Family finds what has it' {
        (Get-PhishMeThreat -Family 'Demo RAT').ForEach({ $_.Families -contains 'Demo RAT' }) | Should -Not -Contain $false
    }

    It 'asks again in the older spelling when the newer one is refused' {
        Add-SimulatorFault $simulator @{ route = 'search'; kind = 'Refused400'; count = 1 }
        Get-PhishMeThreat -WatchListEmail 'nobody@example.test' | Should -BeNullOrEmpty
        (Get-RequestEntry $simulator | Select-Object -Last 1).query | Should -BeLike '*&watchlistEmailAddress=nobody*'
    }
}

Describe 'Threats by indicator' {
    It 'finds a <Kind>, defanged or not' -ForEach @(
        @{ Kind = 'Url'; Defang = { $_ -replace '^http', 'hxxp' -replace '\.', '[.]' } }
        @{ Kind = 'Domain'; Defang = { $_ -replace '\.', '[.]' } }
        @{ Kind = 'IPv4'; Defang = { $_ -replace '\.', '(.)' } }
        @{ Kind = 'Md5'; Defang = { " $($_.ToUpperInvariant()) " } }
        @{ Kind = 'Sha256'; Defang = { $_ } }
    ) {
        $indicator = Find-Indicator $Kind
        $indicator | Should -Not -BeNullOrEmpty
        $value = $indicator.Value
        (Get-PhishMeThreat -Indicator $value).Id | Should -Contain $indicator.ThreatId
        (Get-PhishMeThreat -Indicator ($value | ForEach-Object $Defang)).Id | Should -Contain $indicator.ThreatId
    }

    It 'finds an e-mail address of a watch list or a kit' {
        $mail = Find-Indicator 'Email' 'KitEmail'
        (Get-PhishMeThreat -Indicator ($mail.Value -replace '@', '[at]')).Id | Should -Contain $mail.ThreatId
    }

    It 'takes a whole file, blank lines and comments included, each threat once' {
        $path = Join-Path $TestDrive 'iocs.txt'
        $domain = Find-Indicator 'Domain'
        $hash = Find-Indicator 'Md5'
        Set-Content -Path $path -Value '# from the mail gateway', '', $domain.Value, ($domain.Value -replace '\.', '[.]'), $hash.Value
        $found = Get-PhishMeThreat -Indicator (Get-Content $path)
        $found.Id | Should -Contain $domain.ThreatId
        $found.Id | Should -Contain $hash.ThreatId
        $found.Id.Count | Should -Be @($found.Id | Select-Object -Unique).Count
    }

    It 'asks for many of a kind in one request' {
        $null = Invoke-Simulator $simulator 'clear'
        $null = Get-PhishMeThreat -Indicator (1..40 | ForEach-Object { "host$_.example.test" })
        Get-RequestCount $simulator 'search' | Should -Be 1
    }

    It 'reports what is not an indicator, and goes on' {
        $domain = Find-Indicator 'Domain'
        $found = Get-PhishMeThreat -Indicator 'not an indicator', $domain.Value -ErrorVariable failures -ErrorAction SilentlyContinue
        $found.Id | Should -Contain $domain.ThreatId
        Assert-ErrorIsComplete $failures[0] 'IndicatorNotRecognized' 'InvalidArgument'
        $failures[0].TargetObject | Should -Be 'not an indicator'
    }

    It 'finds nothing without an error' {
        Get-PhishMeThreat -Indicator 'nobody-knows.example' | Should -BeNullOrEmpty
    }

    It 'goes on to indicators and a CSV file' {
        $path = Join-Path $TestDrive 'major.csv'
        Get-PhishMeThreat -Indicator (Find-Indicator 'Md5').Value | Get-PhishMeIndicator | Where-Object Impact -EQ Major | Export-Csv $path
        $rows = Import-Csv $path
        $rows | Should -Not -BeNullOrEmpty
        $rows.Impact | Select-Object -Unique | Should -Be 'Major'
        $rows[0].ThreatId | Should -Match '^[mp]_\d+$'
    }
}

Describe 'When the API fails' {
    BeforeAll {
        $path = Join-Path $TestDrive 'once.ini'
        Save-Configuration $simulator $path
        Connect-PhishMe -ConfigPath $path
    }

    AfterEach {
        $null = Invoke-Simulator $simulator 'clear-faults'
    }

    It '<Kind> ends the command as <Id>' -ForEach @(
        @{ Kind = 'Unauthorized401'; Id = 'CredentialsRefused'; Category = 'AuthenticationError' }
        @{ Kind = 'ServerError500'; Id = 'ApiFailing'; Category = 'ResourceUnavailable' }
        @{ Kind = 'Throttled429'; Id = 'ApiThrottled'; Category = 'ResourceBusy' }
        @{ Kind = 'Html200'; Id = 'ApiAnswerInvalid'; Category = 'InvalidData' }
        @{ Kind = 'ConnectionReset'; Id = 'ApiUnreachable'; Category = 'ConnectionError' }
    ) {
        Add-SimulatorFault $simulator @{ route = 'search'; kind = $Kind; count = -1 }
        $failure = $null
        try { $null = Get-PhishMeThreat } catch { $failure = $_ }
        Assert-ErrorIsComplete $failure $Id $Category
    }

    It 'one id that fails does not cost the others' {
        Add-SimulatorFault $simulator @{ route = 'search'; kind = 'SearchLacksIds'; matchId = 'm_500001'; count = -1 }
        Add-SimulatorFault $simulator @{ route = 'detail'; kind = 'ServerError500'; matchId = 'm_500001'; count = -1 }
        $found = Get-PhishMeThreat -Id m_500000, m_500001, m_500002 -ErrorVariable failures -ErrorAction SilentlyContinue
        $found.Id | Should -Be @('m_500000', 'm_500002')
        $failures | Should -HaveCount 1
        $failures[0].TargetObject | Should -Be 'm_500001'
    }
}

Describe 'Progress' {
    It 'has a total, and is completed at the end' {
        $shell = [powershell]::Create([System.Management.Automation.RunspaceMode]::NewRunspace)
        try {
            $null = $shell.AddScript({ param([string] $manifest, [uri] $address, [pscredential] $credential)
                    Import-Module $manifest
                    Connect-PhishMe -Credential $credential -BaseUri $address
                    Get-PhishMeThreat
                }).AddArgument((Join-Path $env:PHISHME_STAGED_MODULE 'PhishMe.psd1')).AddArgument($simulator.BaseUri).AddArgument($simulator.Credential)
            $null = $shell.Invoke()
            $records = @($shell.Streams.Progress | Where-Object Activity -EQ 'PhishMe')
            $records[0].StatusDescription | Should -Be 'Threats'
            $records[0].PercentComplete | Should -Be 40
            $records[0].SecondsRemaining | Should -BeGreaterOrEqual 0
            $records[-1].RecordType | Should -Be 'Completed'
        }
        finally {
            $shell.Dispose()
        }
    }
}

Describe 'Ctrl+C' {
    It 'ends a search at once' {
        $root = ([uri]$simulator.BaseUri).GetLeftPart('Authority')
        $gate = (Invoke-RestMethod -Method Post -Uri "$root/_simulator/hold?route=search").gate
        $shell = [powershell]::Create([System.Management.Automation.RunspaceMode]::NewRunspace)
        try {
            $null = $shell.AddScript({ param([string] $manifest, [uri] $address, [pscredential] $credential)
                    Import-Module $manifest
                    Connect-PhishMe -Credential $credential -BaseUri $address
                    Get-PhishMeThreat
                }).AddArgument((Join-Path $env:PHISHME_STAGED_MODULE 'PhishMe.psd1')).AddArgument($simulator.BaseUri).AddArgument($simulator.Credential)
            $running = $shell.BeginInvoke()
            $null = Invoke-RestMethod -Uri "$root/_simulator/hold?gate=$gate"
            $shell.Stop()
            $shell.InvocationStateInfo.State | Should -Be 'Stopped'
            $running.IsCompleted | Should -BeTrue
        }
        finally {
            $null = Invoke-RestMethod -Method Post -Uri "$root/_simulator/release?gate=$gate"
            $shell.Dispose()
        }
    }
}

Describe 'The view of threats' {
    It 'is a table of id, type, date, impact, families, indicators and label' {
        $text = $malware, $phish | Out-String -Width 120
        $text | Should -Match 'Id\s+Type\s+Published\s+Impact\s+Families\s+IOCs\s+Label'
        $text | Should -Match 'm_500000\s+Malware\s+2025-01-01\s+Major\s+Demo RAT\s+\d+\s+Order'
    }

    It 'marks what was withdrawn' {
        [PhishMe.Intelligence.Threat]@{ Id = $malware.Id; Withdrawn = $true } | Out-String -Width 120 | Should -Match 'withdrawn'
    }
}

Describe 'Tab completion' {
    BeforeAll {
        function Get-Completion {
            param([string] $Line)
            (TabExpansion2 -inputScript $Line -cursorColumn $Line.Length).CompletionMatches.CompletionText
        }
    }

    It 'offers the families and brands that came by, quoted where needed' {
        $null = Get-PhishMeThreat
        Get-Completion 'Get-PhishMeThreat -Family Demo' | Should -Contain "'Demo RAT'"
        Get-Completion "Get-PhishMeThreat -Brand 'Mus" | Should -Contain "'Muster & S`u{f6}hne'"
    }

    It 'asks the network nothing' {
        $null = Invoke-Simulator $simulator 'clear'
        $null = Get-Completion 'Get-PhishMeThreat -Family '
        Get-RequestEntry $simulator | Should -BeNullOrEmpty
    }

    It 'offers the variables that hold a session' {
        $session = Connect-PhishMe -Credential $simulator.Credential -BaseUri $simulator.BaseUri -PassThru
        Set-Variable -Name aSessionOfMine -Scope Global -Value $session
        try {
            Get-Completion 'Get-PhishMeThreat -Session $aSess' | Should -Contain '$aSessionOfMine'
            Get-Completion 'Get-PhishMeThreat -Session ' | Should -Contain '$aSessionOfMine'
        }
        finally {
            Remove-Variable -Name aSessionOfMine -Scope Global
        }
    }

    It 'offers types and formats' {
        Get-Completion 'Get-PhishMeThreat -Type P' | Should -Contain 'Phish'
        Get-Completion 'Get-PhishMeReport -Format ' | Should -Be @('Html', 'Pdf')
    }
}
