#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    . (Join-Path $PSScriptRoot 'Connected.ps1')
    $simulator = Connect-ToSimulator '--threats', '40'
    $threats = @(Get-PhishMeThreat)
    $all = @($threats | Get-PhishMeIndicator)
}

AfterAll {
    Disconnect-FromSimulator $simulator
}

Describe 'Get-PhishMeIndicator' {
    It 'takes threats apart in order' {
        $all.Count | Should -Be ($threats.Indicators.Count)
        $all[0] | Should -BeOfType PhishMe.Intelligence.Indicator
        $all[0].ThreatId | Should -Be $threats[0].Id
    }

    It 'takes threats as an argument' {
        @(Get-PhishMeIndicator -InputObject $threats[0, 1]).Count | Should -Be ($threats[0].Indicators.Count + $threats[1].Indicators.Count)
    }

    It 'needs no session for threats at hand' {
        $shell = [powershell]::Create([System.Management.Automation.RunspaceMode]::NewRunspace)
        try {
            $null = $shell.AddScript({ param($manifest, $threat) Import-Module $manifest; $threat | Get-PhishMeIndicator })
            $found = $shell.AddArgument((Join-Path $env:PHISHME_STAGED_MODULE 'PhishMe.psd1')).AddArgument($threats[0]).Invoke()
            $found.Count | Should -Be $threats[0].Indicators.Count
        }
        finally {
            $shell.Dispose()
        }
    }

    It 'fetches threats by id' {
        $found = Get-PhishMeIndicator -Id m_500000, p_500000
        $found.ThreatId.ForEach({ "$_" }) | Select-Object -Unique | Should -Be @('m_500000', 'p_500000')
        ('m_500000' | Get-PhishMeIndicator).Count | Should -Be $threats[0].Indicators.Count
    }

    It 'reports what is not an id and ids that do not exist' {
        $found = Get-PhishMeIndicator -Id m_1, nonsense, m_500000 -ErrorVariable failures -ErrorAction SilentlyContinue
        $found | Should -Not -BeNullOrEmpty
        $failures.FullyQualifiedErrorId -replace ',.*' | Sort-Object | Should -Be @('ThreatIdInvalid', 'ThreatNotFound')
    }

    It 'searches by time without threats' {
        $null = Invoke-Simulator $simulator 'clear'
        $found = @(Get-PhishMeIndicator -PublishedAfter 2025-01-01)
        $found.Count | Should -BeGreaterThan 100
        $found.Kind | Should -Contain 'Url'
        $found.Kind | Should -Contain 'Md5'
        Get-RequestCount $simulator 'search' | Should -Be 0
        Get-RequestCount $simulator 'indicator-search' | Should -BeGreaterThan 1
    }

    It 'stops that search early' {
        $null = Invoke-Simulator $simulator 'clear'
        @(Get-PhishMeIndicator -PublishedAfter 2025-01-01 | Select-Object -First 3).Count | Should -Be 3
        Get-RequestCount $simulator 'indicator-search' | Should -BeLessOrEqual 4
    }

    It 'filters by -<Name>' -ForEach @(
        @{ Name = 'Kind'; Value = 'Url', 'Domain'; Test = { $_.Kind -in 'Url', 'Domain' } }
        @{ Name = 'Impact'; Value = 'Major'; Test = { $_.Impact -eq 'Major' } }
        @{ Name = 'Role'; Value = 'C*'; Test = { $_.Role -like 'C*' } }
        @{ Name = 'Family'; Value = 'demo*'; Test = { $_.Family -like 'demo*' } }
        @{ Name = 'ExcludeCorollary'; Value = $true; Test = { -not $_.Corollary } }
    ) {
        $arguments = @{ $Name = $Value }
        $found = @($threats | Get-PhishMeIndicator @arguments)
        $found.Count | Should -Be @($all | Where-Object $Test).Count
        $found.Count | Should -BeIn (1..($all.Count - 1))
    }

    It 'goes into a CSV file that holds the same' {
        $path = Join-Path $TestDrive 'all.csv'
        $threats | Get-PhishMeIndicator | Export-Csv $path
        @(Import-Csv $path).Count | Should -Be $all.Count
    }

    It 'is flat: every property is a scalar' {
        foreach ($property in $all[0].psobject.Properties) {
            $values = @($all.($property.Name)).Where({ $null -ne $_ })
            $values | Where-Object { $_ -is [System.Collections.IEnumerable] -and $_ -isnot [string] } | Should -BeNullOrEmpty -Because $property.Name
        }
        ($threats | Where-Object { $_.Brands.Count -gt 1 } | Select-Object -First 1 | Get-PhishMeIndicator)[0].Brands | Should -BeOfType string
    }

    It 'has ISO 8601 dates in CSV in the culture <_>' -ForEach 'en-US', 'de-DE', 'ar-SA', 'th-TH', 'fa-IR' {
        $before = [cultureinfo]::CurrentCulture
        try {
            [cultureinfo]::CurrentCulture = $_
            $rows = $threats | Get-PhishMeIndicator | ConvertTo-Csv | ConvertFrom-Csv
            $pipeline = $threats | Select-Object -Property Id, LastPublished | ConvertTo-Csv | ConvertFrom-Csv
        }
        finally {
            [cultureinfo]::CurrentCulture = $before
        }
        @($rows.FirstPublished + $rows.LastPublished).Where({ $_ }) | Should -Match '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$'
        $pipeline.LastPublished.Where({ $_ }) | Should -Match '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$'
        [datetimeoffset]$rows[0].LastPublished | Should -Be $all[0].LastPublished
    }

    It 'has dates that are still dates' {
        $date = (@($threats | Get-PhishMeIndicator)[0]).LastPublished
        $date | Should -BeOfType datetimeoffset
        $date -gt [datetime]'2020-01-01' | Should -BeTrue
        $date.ToString('yyyy', [cultureinfo]::InvariantCulture) | Should -Be "$($date.Year)"
        '{0:yyyy-MM}' -f $date | Should -Match '^\d{4}-\d\d$'
        $date.AddDays(1) -gt $date | Should -BeTrue
        (@{ d = $date } | ConvertTo-Json -Compress) | Should -Match '^\{"d":"\d{4}-\d\d-\d\dT'
    }

    It 'is shown as a table' {
        $all[0] | Out-String -Width 120 | Should -Match 'ThreatId\s+Kind\s+Impact\s+Role\s+Family\s+Value'
    }

    It 'completes roles that came by' {
        $role = $all.Role | Where-Object { $_ } | Select-Object -First 1
        $line = "Get-PhishMeIndicator -Role $($role.Substring(0, 1))"
        (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches.ListItemText | Should -Contain $role
    }
}
