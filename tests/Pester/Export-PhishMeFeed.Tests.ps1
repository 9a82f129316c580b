#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeDiscovery {
    $feeds = 'carbon_black', 'logrhythm', 'centripetal_networks', 'paloalto_minemeld', 'qradar_siem'
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'Store.ps1')
    $store = New-Store -Folder $TestDrive
    Disconnect-PhishMe
    $null = Invoke-Simulator $store.Simulator 'clear'
    $always = @{ RetentionDays = 0 }
    $at = @{ FromStore = $true; Store = $store.Path; RetentionDays = 0 }

    # A threat of today with one domain.
    function New-Threat {
        [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'Makes an object.')]
        param([int] $Id, [string] $Domain, [string] $Impact = 'Major')
        $now = [datetimeoffset]::UtcNow.AddMinutes(-$Id).ToUnixTimeMilliseconds()
        ConvertTo-Json -Depth 9 -Compress -InputObject @{
            id = $Id; threatType = 'MALWARE'; firstPublished = $now; lastPublished = $now
            blockSet = @(@{ blockType = 'Domain Name'; data = $Domain; data_1 = $Domain; impact = $Impact; role = 'C2' })
        } | ConvertFrom-PhishMeJson
    }

    function Get-Written {
        param([string] $Folder)
        Get-ChildItem -LiteralPath $Folder -File -Recurse -Force | Sort-Object Name | ForEach-Object { "$($_.Name)|$([IO.File]::ReadAllText($_.FullName))" }
    }
}

AfterAll {
    Disconnect-FromSimulator $store.Simulator
}

Describe 'Export-PhishMeFeed' {
    It 'writes <_> from the store and from the pipeline alike, and the second time touches nothing' -ForEach $feeds {
        foreach ($folder in 'stored', 'piped') { $null = New-Item -ItemType Directory -Path (Join-Path $TestDrive "$folder-$_") }
        $stored = Export-PhishMeFeed $_ (Join-Path $TestDrive "stored-$_/feed") @at -WarningAction SilentlyContinue
        $piped = $store.Threats | Export-PhishMeFeed -Name $_ -LiteralPath (Join-Path $TestDrive "piped-$_/feed") @always -WarningAction SilentlyContinue
        $stored | Should -BeOfType PhishMe.Intelligence.FeedSummary
        $stored.Name | Should -Be $_
        ($stored.Files.Rows | Measure-Object -Sum).Sum | Should -BeGreaterThan 0
        Get-Written (Join-Path $TestDrive "stored-$_") | Should -Be (Get-Written (Join-Path $TestDrive "piped-$_"))
        $times = $stored.Files | ForEach-Object { (Get-Item -LiteralPath $_.Path).LastWriteTimeUtc.Ticks }
        $again = Export-PhishMeFeed $_ (Join-Path $TestDrive "stored-$_/feed") @at -WarningAction SilentlyContinue
        $again.Files.IsWritten | Should -Not -Contain $true
        $again.Files | ForEach-Object { (Get-Item -LiteralPath $_.Path).LastWriteTimeUtc.Ticks } | Should -Be $times
        Get-RequestEntry $store.Simulator | Should -BeNullOrEmpty
    }

    It 'does nothing with -WhatIf' {
        $path = Join-Path $TestDrive 'whatif'
        New-Threat 1 'a.example' | Export-PhishMeFeed logrhythm $path -WhatIf | Should -BeNullOrEmpty
        Export-PhishMeFeed logrhythm $path @at -WhatIf | Should -BeNullOrEmpty
        Test-Path -LiteralPath $path | Should -BeFalse
    }

    It 'leaves out what is on the allow list, below the impact, withdrawn or too old' {
        $path = Join-Path $TestDrive 'chosen'
        $entries = Join-Path $TestDrive 'allowed.txt'
        'also.example' | Set-Content -LiteralPath $entries
        $old = New-Threat 1 'old.example' | ConvertTo-PhishMeJson | ForEach-Object { $_ -replace '(Published"):\d+', '$1:1262304000000' } | ConvertFrom-PhishMeJson
        $gone = New-Threat 2 'gone.example' | ConvertTo-PhishMeJson | ForEach-Object { $_ -replace '\}$', ',"deleted":true}' } | ConvertFrom-PhishMeJson
        $old, $gone, (New-Threat 3 'own.example'), (New-Threat 4 'also.example'), (New-Threat -Id 5 -Domain 'minor.example' -Impact 'Minor'), (New-Threat 6 'bad.example') |
            Export-PhishMeFeed logrhythm $path -MinimumImpact Moderate -AllowList own.example -AllowListPath $entries -Verbose 4>&1 | Out-String |
            Should -Match 'left out of logrhythm'
        Get-Content -LiteralPath (Join-Path $path 'phishme_intelligence_domainname_major.txt') | Should -Be 'bad.example'
        (Get-Item -LiteralPath (Join-Path $path 'phishme_intelligence_domainname_minor.txt')).Length | Should -Be 0
    }

    It 'cuts to the newest rows and warns with the number' {
        $path = Join-Path $TestDrive 'cut'
        1..5 | ForEach-Object { New-Threat $_ "d$_.example" } | Export-PhishMeFeed paloalto_minemeld $path -MaximumRows 2 -WarningVariable warned -WarningAction SilentlyContinue | Out-Null
        Get-Content -LiteralPath (Join-Path $path 'domain.txt') | Should -Be 'd1.example', 'd2.example'
        "$warned" | Should -Match 'domain.txt is cut to 2 of 5 rows'
    }

    It 'leaves the old files when the pipeline is stopped' {
        $path = Join-Path $TestDrive 'stopped'
        $null = New-Threat 1 'kept.example' | Export-PhishMeFeed logrhythm $path
        { & { New-Threat 2 'new.example'; throw 'enough' } | Export-PhishMeFeed logrhythm $path } | Should -Throw 'enough'
        Get-Content -LiteralPath (Join-Path $path 'phishme_intelligence_domainname_major.txt') | Should -Be 'kept.example'
        Get-ChildItem -LiteralPath $TestDrive -Filter '.phishme*' -Force | Should -BeNullOrEmpty
    }

    It 'says what is wrong with <Because>' -ForEach @(
        @{ Because = 'a name that is no feed'; Argument = @{ Name = 'nosuch'; Path = 'x' }; Id = 'DestinationNotFound,*' }
        @{ Because = 'a folder that does not exist'; Argument = @{ Name = 'logrhythm'; Path = 'no/such/folder' }; Id = 'PathInvalid,*' }
        @{ Because = 'a folder where a file belongs'; Argument = @{ Name = 'carbon_black'; Path = '.' }; Id = 'PathInvalid,*' }
        @{ Because = 'a path outside of the file system'; Argument = @{ Name = 'logrhythm'; Path = 'env:x' }; Id = 'PathInvalid,*' }
    ) {
        Push-Location -LiteralPath $TestDrive
        try {
            $failure = { New-Threat 1 'a.example' | Export-PhishMeFeed @Argument } | Should -Throw -PassThru
            $failure.FullyQualifiedErrorId | Should -BeLike $Id
        }
        finally {
            Pop-Location
        }
    }

    It 'says that there is no store' {
        { Export-PhishMeFeed logrhythm (Join-Path $TestDrive 'x') -FromStore -Store (Join-Path $TestDrive 'no.db') } | Should -Throw -ErrorId 'StoreNotFound,*'
        Test-Path -LiteralPath (Join-Path $TestDrive 'x') | Should -BeFalse
    }

    It 'shows a feed in one line' {
        $shown = New-Threat 1 'a.example' | Export-PhishMeFeed logrhythm (Join-Path $TestDrive 'view') | Out-String -Width 400
        $shown | Should -Match 'Name\s+Files\s+Written\s+Rows\s+LeftOut\s+Folder'
        $shown | Should -Match 'logrhythm\s+18\s+18\s+1\s+0'
    }
}
