#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    . (Join-Path $PSScriptRoot 'Store.ps1')
    $store = New-Store -Folder $TestDrive
    Disconnect-PhishMe
    $statistics = Get-PhishMeStatistics -Store $store.Path
}

AfterAll {
    Disconnect-FromSimulator $store.Simulator
}

Describe 'Get-PhishMeStatistics' {
    It 'counts what the threats say' {
        $statistics.Threats | Should -Be $store.Threats.Count
        $statistics.Withdrawn | Should -Be 0
        foreach ($count in ($store.Threats.Families | Group-Object -CaseSensitive -NoElement)) {
            $statistics.ByFamily.Where({ $_.Name -ceq $count.Name })[0].Count | Should -Be $count.Count
        }
        ($statistics.ByType | Measure-Object -Property Count -Sum).Sum | Should -Be $store.Threats.Count
        ($statistics.ByDay | Measure-Object -Property Count -Sum).Sum | Should -Be $store.Threats.Where({ $_.FirstPublished }).Count
        ($statistics.ByRole | Measure-Object -Property Count -Sum).Sum | Should -BeGreaterThan 0
    }

    It 'counts from a date on' {
        $middle = ($store.Threats.LastPublished | Sort-Object)[[int]($store.Threats.Count / 2)]
        (Get-PhishMeStatistics -Store $store.Path -Since $middle.LocalDateTime).Threats | Should -Be $store.Threats.Where({ $_.LastPublished -ge $middle }).Count
    }

    It 'has a view with the largest counts' {
        $text = $statistics | Out-String -Width 200
        $text | Should -Match 'Products +: .*Malware \d+'
        $text | Should -Match 'Days +: .*, and \d+ before'
    }

    It 'says that there is no store yet' {
        try { Get-PhishMeStatistics -Store (Join-Path $TestDrive 'none.db') } catch { $failure = $_ }
        Assert-ErrorIsComplete $failure 'StoreNotFound' 'ObjectNotFound'
    }
}
