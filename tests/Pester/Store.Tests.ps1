#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeDiscovery {
    $exports = @(
        @{ Command = 'Export-PhishMeJson'; Argument = @{} }
        @{ Command = 'Export-PhishMeCef'; Argument = @{} }
        @{ Command = 'Export-PhishMeStix'; Argument = @{} }
        @{ Command = 'Export-PhishMeStix'; Argument = @{ Version = '1.1.1' } }
        @{ Command = 'Export-PhishMeMisp'; Argument = @{} }
        @{ Command = 'Export-PhishMeIndicatorList'; Argument = @{} }
        @{ Command = 'Export-PhishMeIndicatorList'; Argument = @{ Format = 'Csv' } }
    )
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'Store.ps1')
    $store = New-Store -Folder $TestDrive
    # What the API says, for the comparison.
    $family = $store.Threats.Families.Where({ $_ }, 'First')[0]
    $phish = $store.Threats.Where({ $_.PhishingUrl.Domain -and $_.Brands.Count }, 'First')[0]
    $online = @{
        Family   = @(Get-PhishMeThreat -Family $family)
        Brand    = @(Get-PhishMeThreat -Brand $phish.Brands[0] -Type Phish)
        Domain   = @(Get-PhishMeThreat -PhishDomain $phish.PhishingUrl.Domain)
        HasKit   = @(Get-PhishMeThreat -HasKit)
        NoKit    = @(Get-PhishMeThreat -HasKit:$false)
        Subject  = @(Get-PhishMeThreat -Subject 'e' -Type Malware)
        Native   = @(Get-PhishMeThreat -NativeId 900101)
        Between  = @(Get-PhishMeThreat -PublishedAfter 2025-02-01 -PublishedBefore 2025-04-01)
    }
    Disconnect-PhishMe
    $null = Invoke-Simulator $store.Simulator 'clear'
    $at = @{ FromStore = $true; Store = $store.Path }
    function Get-IdOf { param($Threat) $Threat.Id.ForEach({ "$_" }) | Sort-Object }
}

AfterAll {
    Disconnect-FromSimulator $store.Simulator
}

Describe 'Get-PhishMeThreat -FromStore' {
    It 'emits everything, and sends no request' {
        Get-IdOf (Get-PhishMeThreat @at) | Should -Be (Get-IdOf $store.Threats)
        Get-RequestEntry $store.Simulator | Should -BeNullOrEmpty
    }

    It 'answers a search as the API does' {
        Get-IdOf (Get-PhishMeThreat @at -Family $family) | Should -Be (Get-IdOf $online.Family)
        Get-IdOf (Get-PhishMeThreat @at -Brand $phish.Brands[0] -Type Phish) | Should -Be (Get-IdOf $online.Brand)
        Get-IdOf (Get-PhishMeThreat @at -PhishDomain ($phish.PhishingUrl.Domain -replace '\.', '[.]')) | Should -Be (Get-IdOf $online.Domain)
        Get-IdOf (Get-PhishMeThreat @at -HasKit) | Should -Be (Get-IdOf $online.HasKit)
        Get-IdOf (Get-PhishMeThreat @at -HasKit:$false) | Should -Be (Get-IdOf $online.NoKit)
        Get-IdOf (Get-PhishMeThreat @at -Subject 'e' -Type Malware) | Should -Be (Get-IdOf $online.Subject)
        Get-IdOf (Get-PhishMeThreat @at -NativeId 900101) | Should -Be (Get-IdOf $online.Native)
        Get-IdOf (Get-PhishMeThreat @at -PublishedAfter 2025-02-01 -PublishedBefore 2025-04-01) | Should -Be (Get-IdOf $online.Between)
        $online.Values.ForEach({ $_.Count }) | Should -Not -Contain 0
    }

    It 'chooses by impact and role, which the API cannot' {
        Get-IdOf (Get-PhishMeThreat @at -MinimumImpact Major) | Should -Be (Get-IdOf $store.Threats.Where({ $_.Impact -eq 'Major' }))
        $commanding = @(Get-PhishMeThreat @at -Role c2)
        Get-IdOf $commanding | Should -Be (Get-IdOf $store.Threats.Where({ $_.Indicators.Role -contains 'C2' }))
        $commanding.Count | Should -BeLessThan $store.Threats.Count
    }

    It 'fetches ids in the order asked for, from the pipeline too, and reports each that is missing' {
        $ids = "$($store.Threats[3].Id)", 'm_4040404', "$($store.Threats[1].Id)"
        $found = $ids | Get-PhishMeThreat @at -ErrorVariable failure -ErrorAction SilentlyContinue
        $found.Id.ForEach({ "$_" }) | Should -Be $ids[0], $ids[2]
        $failure | Should -HaveCount 1
        Assert-ErrorIsComplete $failure[0] 'ThreatNotFound' 'ObjectNotFound'
    }

    It 'finds by indicator, with the rules of Find-PhishMeIndicator' {
        (Get-PhishMeThreat @at -Indicator '# comment', '', '203[.]0[.]113[.]45', 'deep.files.malware.example').Id | Should -Contain 'm_900101'
        Get-PhishMeThreat @at -Indicator 'nowhere.invalid' | Should -BeNullOrEmpty
        (Get-PhishMeThreat @at -Indicator '203.0.113.45' -Type Phish).Type | Should -Not -Contain 'Malware'
    }

    It 'stops after -First' {
        Get-PhishMeThreat @at -First 3 | Should -HaveCount 3
        Get-PhishMeThreat @at | Select-Object -First 2 | Should -HaveCount 2
    }

    It 'says what needs the store: -<Name>' -ForEach @(
        @{ Name = 'MinimumImpact'; Argument = @{ MinimumImpact = 'Major' } }
        @{ Name = 'Role'; Argument = @{ Role = 'C2' } }
        @{ Name = 'Store'; Argument = @{ Store = 'x.db' } }
        @{ Name = 'IncludeWithdrawn'; Argument = @{ IncludeWithdrawn = $true } }
    ) {
        try { Get-PhishMeThreat @Argument } catch { $failure = $_ }
        Assert-ErrorIsComplete $failure 'ParameterConflict' 'InvalidArgument'
        $failure.ErrorDetails.Message | Should -Match "-$Name "
    }

    It 'says that there is no store, and how to name and to fill one' {
        Push-Location $TestDrive
        try { Get-PhishMeThreat -FromStore } catch { $failure = $_ } finally { Pop-Location }
        Assert-ErrorIsComplete $failure 'StoreNotFound' 'ObjectNotFound'
        $failure.ErrorDetails.Message | Should -BeLike '*There is no store*'
        '-Store', '-ConfigPath', '-Connection', 'use = True', 'Sync-PhishMeIntelligence -Store' | ForEach-Object { $failure.ErrorDetails.RecommendedAction | Should -BeLike "*$_*" }
    }

    It 'says that there is no store yet' {
        try { Get-PhishMeThreat -FromStore -Store (Join-Path $TestDrive 'none.db') } catch { $failure = $_ }
        Assert-ErrorIsComplete $failure 'StoreNotFound' 'ObjectNotFound'
    }
}

Describe '<Command> <Argument.Values> -FromStore' -ForEach $exports {
    BeforeEach {
        $folder = (New-Item -ItemType Directory -Path (Join-Path $TestDrive ([guid]::NewGuid()))).FullName
        $file = Join-Path $folder 'stored.txt'
        $other = Join-Path $folder 'piped.txt'
    }

    It 'writes what the pipeline would' {
        & $Command -Path $file @at @Argument
        Get-PhishMeThreat @at | & $Command -Path $other @Argument
        (Get-FileHash -LiteralPath $file).Hash | Should -Be (Get-FileHash -LiteralPath $other).Hash
        (Get-Item -LiteralPath $file).Length | Should -BeGreaterThan 1000
    }

    It 'writes what the pipeline would under the same conditions, and less' {
        $conditions = @{ MinimumImpact = 'Moderate'; Role = 'C2', 'Payload', 'Phish'; Since = '2025-02-01'; Until = '2025-05-01'; AllowList = '203.0.113.0/24' }
        & $Command -Path $file @at @Argument @conditions
        Get-PhishMeThreat @at | & $Command -Path $other @Argument @conditions
        (Get-FileHash -LiteralPath $file).Hash | Should -Be (Get-FileHash -LiteralPath $other).Hash
        & $Command -LiteralPath $other @at @Argument
        (Get-Item -LiteralPath $file).Length | Should -BeLessThan (Get-Item -LiteralPath $other).Length
    }

    It 'takes nothing out of the store for -WhatIf' {
        & $Command -Path $file @at @Argument -WhatIf
        Test-Path -LiteralPath $file | Should -BeFalse
    }

    It 'leaves no file behind when there is no store' {
        { & $Command -Path $file -FromStore -Store (Join-Path $folder 'none.db') @Argument } | Should -Throw -ErrorId 'StoreNotFound,*'
        { & $Command -Path $file -Append -FromStore -Store (Join-Path $folder 'none.db') @Argument } | Should -Throw -ErrorId 'StoreNotFound,*'
        Get-ChildItem -LiteralPath $folder -Force | Should -BeNullOrEmpty
    }

    It 'refuses an allow list with an entry that is nothing' {
        { & $Command -Path $file @at @Argument -AllowList 'the office' } | Should -Throw -ErrorId 'IndicatorNotRecognized,*'
        Get-ChildItem -LiteralPath $folder -Force | Should -BeNullOrEmpty
    }
}

Describe 'The allow list' {
    It 'keeps own domains out of a block list, from a file, and no neighbour of theirs' {
        $allow = Join-Path $TestDrive 'allow.txt'
        $all = Join-Path $TestDrive 'all.txt'
        $left = Join-Path $TestDrive 'left.txt'
        Set-Content -LiteralPath $allow -Value '# ours', '', 'malware[.]example'
        Export-PhishMeIndicatorList -Path $all @at
        Export-PhishMeIndicatorList -Path $left @at -AllowListPath $allow -AllowList 'ware.example'
        (Compare-Object (Get-Content -LiteralPath $all) (Get-Content -LiteralPath $left)).InputObject | Should -Not -BeNullOrEmpty
        (Compare-Object (Get-Content -LiteralPath $all) (Get-Content -LiteralPath $left)).ForEach({ $_.InputObject }) | Should -Match 'malware\.example'
        Get-Content -LiteralPath $left | Should -Not -Match '[./@]malware\.example'
    }

    It 'that is missing is an error' {
        { Export-PhishMeCef -Path (Join-Path $TestDrive 'x.cef') @at -AllowListPath (Join-Path $TestDrive 'missing.txt') } | Should -Throw -ErrorId 'InputUnreadable,*'
    }

    It 'works in a pipeline' {
        $threat = $store.Threats.Where({ "$($_.Id)" -eq 'm_900101' })
        $threat | ConvertTo-PhishMeCef | Should -Not -BeNullOrEmpty
        $threat | ConvertTo-PhishMeCef -AllowList malware.example, 203.0.113.0/24 | Should -Not -Match 'malware\.example/|203\.0\.113\.'
        $threat.Indicators | Export-PhishMeIndicatorList -Path (Join-Path $TestDrive 'piped.txt') -AllowList malware.example -Family 'sample keylogger'
        Get-Content -LiteralPath (Join-Path $TestDrive 'piped.txt') | Should -Not -Match 'malware\.example'
    }
}

Describe 'Export- -FromStore and what was withdrawn' {
    BeforeAll {
        $file = Join-Path $TestDrive 'withdrawn.db'
        Connect-PhishMe -Credential $store.Simulator.Credential -BaseUri $store.Simulator.BaseUri
        $null = Sync-PhishMeIntelligence -Position withdrawn -Since 2010-01-01 -Store $file
        $null = Invoke-Simulator $store.Simulator 'withdraw?id=m_900101'
        $null = Sync-PhishMeIntelligence -Position withdrawn -Store $file
        Disconnect-PhishMe
        $out = Join-Path $TestDrive 'out.txt'
    }

    It 'leaves it out unless asked for' {
        Export-PhishMeCef -Path $out -FromStore -Store $file
        Get-Content -LiteralPath $out | Should -Not -Match 'externalId=900101 '
        Export-PhishMeCef -Path $out -FromStore -Store $file -IncludeWithdrawn
        Get-Content -LiteralPath $out -Raw | Should -Match 'threat_withdrawn\|.*externalId=900101 '
    }

    It 'comes out revoked' {
        Export-PhishMeStix -Path $out -FromStore -Store $file -IncludeWithdrawn -Family 'Sample Keylogger'
        $revoked = (Get-Content -LiteralPath $out -Raw | ConvertFrom-Json -Depth 50).objects.Where({ $_.revoked })
        $revoked.type | Should -Contain 'indicator'
        $revoked.name | Should -Contain '203.0.113.45'
    }
}

Describe 'Sync-PhishMeIntelligence -Store' {
    It 'has stored what a stopped consumer took' {
        $file = Join-Path $TestDrive 'stopped.db'
        Connect-PhishMe -Credential $store.Simulator.Credential -BaseUri $store.Simulator.BaseUri
        $taken = @(Sync-PhishMeIntelligence -Position stopped -Since 2010-01-01 -Store $file | Select-Object -First 7)
        $stored = Get-IdOf (Get-PhishMeThreat -FromStore -Store $file)
        Get-IdOf $taken | Should -BeIn $stored
        $null = Sync-PhishMeIntelligence -Position stopped -Store $file
        Get-IdOf (Get-PhishMeThreat -FromStore -Store $file) | Should -Be (Get-IdOf (Get-PhishMeThreat))
        Disconnect-PhishMe
    }

    It 'stores nothing for -WhatIf' {
        $file = Join-Path $TestDrive 'whatif.db'
        Connect-PhishMe -Credential $store.Simulator.Credential -BaseUri $store.Simulator.BaseUri
        Sync-PhishMeIntelligence -Position whatif -Since 2010-01-01 -Store $file -WhatIf
        Test-Path -LiteralPath $file | Should -BeFalse
        Disconnect-PhishMe
    }

    It 'ends, and leaves the position, when the store cannot be used' {
        $file = Join-Path $TestDrive 'text.txt'
        Set-Content -LiteralPath $file -Value ('x' * 10000)
        Connect-PhishMe -Credential $store.Simulator.Credential -BaseUri $store.Simulator.BaseUri
        try { Sync-PhishMeIntelligence -Position broken -Since 2010-01-01 -Store $file } catch { $failure = $_ }
        Assert-ErrorIsComplete $failure 'StoreDamaged' 'InvalidData'
        Get-PhishMePosition | ForEach-Object Name | Should -Not -Contain 'broken'
        Disconnect-PhishMe
    }
}
