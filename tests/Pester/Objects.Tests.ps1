#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }
# What PowerShell people do with objects, done with those of the module.

BeforeAll {
    . (Join-Path $PSScriptRoot 'Connected.ps1')
    . (Join-Path $PSScriptRoot 'FreshShell.ps1')
    $simulator = Connect-ToSimulator '--threats', '40'
    $threats = @(Get-PhishMeThreat)
    $indicators = @($threats | Get-PhishMeIndicator)
    $documents = @($threats | ConvertTo-PhishMeJson)

    function Complete {
        param([string] $Line)
        [System.Management.Automation.CommandCompletion]::CompleteInput($Line, $Line.Length, $null).CompletionMatches.CompletionText
    }
}

AfterAll {
    Disconnect-FromSimulator $simulator
}

Describe 'Tab completion' {
    It 'offers the values of an enumeration: <_>' -ForEach 'Get-PhishMeIndicator -Impact ', 'Get-PhishMeIndicator -Kind ', 'Get-PhishMeThreat -Type ',
    'ConvertTo-PhishMeStix -Version ', 'Register-PhishMeSchedule -Kind ' {
        Complete $_ | Should -Not -BeNullOrEmpty
        Complete $_ | Should -Not -Contain 'Path'
    }

    It 'offers the properties of what comes through the pipeline: <Line>' -ForEach @(
        @{ Line = 'Get-PhishMeThreat | Select-Object Fam'; Expected = 'Families' }
        @{ Line = 'Get-PhishMeThreat | Get-PhishMeIndicator | Where-Object Norm'; Expected = 'NormalizedValue' }
        @{ Line = 'Invoke-PhishMeIntegration | Select-Object Exit'; Expected = 'ExitCode' }
        @{ Line = '(Get-PhishMeThreat).Indi'; Expected = 'Indicators' }
        @{ Line = 'Get-PhishMeRun | Sort-Object Start'; Expected = 'StartedAt' }
    ) {
        Complete $Line | Should -Contain $Expected
    }

    It 'knows the type of what every cmdlet emits: <_>' -ForEach (Import-PowerShellDataFile (Join-Path $env:PHISHME_STAGED_MODULE 'PhishMe.psd1')).CmdletsToExport {
        $command = Get-Command $_
        if ($command.Verb -in 'Connect', 'Disconnect', 'Get', 'Find', 'Sync', 'Test', 'Invoke', 'New', 'ConvertTo', 'ConvertFrom') {
            $command.OutputType.Name | Should -Not -BeNullOrEmpty
            $command.OutputType.Name | Should -Not -Contain 'System.Object'
        }
    }
}

Describe 'Select-Object, Sort-Object, Group-Object, Measure-Object' {
    It 'take names and expressions' {
        $picked = $threats | Select-Object Id, @{ n = 'Count'; e = { $_.Indicators.Count } } -First 3
        $picked | Should -HaveCount 3
        $picked[0].Id | Should -Be $threats[0].Id
        $picked[0].Count | Should -Be $threats[0].Indicators.Count
    }

    It '-ExpandProperty gives the indicators one by one' {
        ($threats | Select-Object -ExpandProperty Indicators).Count | Should -Be ($threats.Indicators.Count)
    }

    It '-Unique knows equal ids' {
        $threats[0, 0, 1].Id | Select-Object -Unique | Should -HaveCount 2
    }

    It 'sort by id as numbers are, and by date' {
        $sorted = ($threats | Sort-Object LastPublished -Descending).LastPublished
        for ($i = 1; $i -lt $sorted.Count; $i++) { $sorted[$i] | Should -BeLessOrEqual $sorted[$i - 1] }
        { $threats | Sort-Object Id } | Should -Not -Throw
        # An id compares in its own way only with another id; a mixture must not throw either.
        { @($threats[0].Id, 'x') | Sort-Object } | Should -Not -Throw
    }

    It 'group by <_>' -ForEach 'Kind', 'Impact', 'ThreatId', 'Role' {
        $groups = $indicators | Group-Object $_
        ($groups | Measure-Object -Property Count -Sum).Sum | Should -Be $indicators.Count
        $groups.Name | Should -Not -Match '^PhishMe\.|^System\.'
        ($indicators | Group-Object $_ -AsHashTable -AsString).Keys | Should -HaveCount @($groups).Count
    }

    It 'group by the id, and find a group by it' {
        $table = $threats | Group-Object Id -AsHashTable -AsString
        $table["$($threats[3].Id)"].Title | Should -Be $threats[3].Title
        ($threats | Group-Object Id -AsHashTable)[$threats[3].Id] | Should -HaveCount 1
    }

    It 'compare two days' {
        $difference = Compare-Object $threats[0..9] $threats[5..14] -Property Id
        $difference | Should -HaveCount 10
    }
}

Describe 'Export-Csv and ConvertTo-Csv' {
    It 'write <Name> without the name of a type in any field' -ForEach @(
        @{ Name = 'indicators'; Items = { $indicators } }
        @{ Name = 'the summary of a run'; Items = { Invoke-PhishMeIntegration -ConfigPath (Join-Path $TestDrive 'missing.ini') -ErrorAction Ignore | Select-Object -ExcludeProperty Outputs } }
    ) {
        $file = Join-Path $TestDrive "$Name.csv"
        & $Items | Export-Csv -LiteralPath $file
        Select-String -LiteralPath $file -Pattern '"System\.|"PhishMe\.' | Select-Object -First 1 | Should -BeNullOrEmpty
        @(Import-Csv -LiteralPath $file).Count | Should -Be @(& $Items).Count
    }

    It 'write the same bytes in every culture' {
        $texts = foreach ($culture in 'en-US', 'de-DE', 'ar-SA') {
            $script = "[cultureinfo]::CurrentCulture = '$culture'; `$env:PSModulePath = '$env:PSModulePath'; " +
                "Get-Content -LiteralPath '$TestDrive/threat.json' | ConvertFrom-PhishMeJson | Get-PhishMeIndicator | ConvertTo-Csv"
            Set-Content -LiteralPath "$TestDrive/threat.json" -Value $documents[0]
            (Invoke-Pwsh -NoProfile -NonInteractive -Command $script) -join "`n"
        }
        $texts[0] | Should -Not -BeNullOrEmpty
        $texts[1] | Should -BeExactly $texts[0]
        $texts[2] | Should -BeExactly $texts[0]
    }

    It 'lead back to the threats of the lines' {
        $file = Join-Path $TestDrive 'back.csv'
        $indicators | Select-Object -First 5 | Export-Csv -LiteralPath $file
        $back = Import-Csv -LiteralPath $file | Get-PhishMeThreat
        $back.Id | Should -Contain $indicators[0].ThreatId
    }
}

Describe 'ConvertTo-Json' {
    It 'writes an indicator whole at its default depth' {
        $json = $indicators[0] | ConvertTo-Json -WarningVariable warnings -WarningAction SilentlyContinue
        $warnings | Should -BeNullOrEmpty
        ($json | ConvertFrom-Json).Value | Should -Be $indicators[0].Value
    }

    # PowerShell writes an object as its properties, and an id has two.
    It 'writes a threat with its indicators at a depth of <_>' -ForEach 3, 5, 20 {
        $json = $threats[0] | ConvertTo-Json -Depth $_ -WarningAction SilentlyContinue
        $read = $json | ConvertFrom-Json
        $read.Id.Number | Should -Be $threats[0].Id.Number
        @($read.Indicators).Count | Should -Be $threats[0].Indicators.Count
    }

    It 'writes the summary of a run' {
        $summary = Invoke-PhishMeIntegration -ConfigPath (Join-Path $TestDrive 'missing.ini') -ErrorAction Ignore
        ($summary | ConvertTo-Json -Depth 5 -WarningAction SilentlyContinue | ConvertFrom-Json).DryRun | Should -BeFalse
    }
}

Describe 'Export-Clixml' {
    It 'keeps ids, kinds and dates' {
        $file = Join-Path $TestDrive 'threats.xml'
        $threats[0..2] | Export-Clixml -LiteralPath $file -Depth 4
        $back = Import-Clixml -LiteralPath $file
        $back | Should -HaveCount 3
        "$($back[1].Title)" | Should -Be "$($threats[1].Title)"
        $back[0].Indicators[0].Value | Should -Be $threats[0].Indicators[0].Value
    }
}

Describe 'Format-*, Out-String and Tee-Object' {
    It 'shows <Name> as a table, a list and wide' -ForEach @(
        @{ Name = 'a threat'; Item = { $threats[0] } }
        @{ Name = 'an indicator'; Item = { $indicators[0] } }
    ) {
        $item = & $Item
        foreach ($text in ($item | Format-Table | Out-String), ($item | Format-List | Out-String), ($item | Format-List -Property * | Out-String), ($item | Format-Wide | Out-String)) {
            $text.Trim() | Should -Not -BeNullOrEmpty
            $text | Should -Not -Match '#ERR|PhishMe\.Intelligence\.|System\.Collections'
        }
    }

    It 'shows nothing wrong in any view: no error hides in a script block' {
        $Error.Clear()
        $threats[0..4] | Format-Table -DisplayError | Out-String | Should -Not -Match '#ERR'
        $indicators[0..9] | Format-Table -DisplayError | Out-String | Should -Not -Match '#ERR'
        $Error | Should -BeNullOrEmpty
    }

    It 'tees into a variable and a file' {
        $file = Join-Path $TestDrive 'tee.txt'
        $out = $threats | Tee-Object -Variable copy | Select-Object -Last 5
        $out | Should -HaveCount 5
        $copy | Should -HaveCount $threats.Count
        $threats | Tee-Object -FilePath $file | Measure-Object | ForEach-Object Count | Should -Be $threats.Count
        (Get-Item -LiteralPath $file).Length | Should -BeGreaterThan 100
    }

    It 'says the id where a string is wanted' {
        "$($threats[0].Id)" | Should -Match '^[mp]_\d+$'
        "got $($threats[0])" | Should -Not -Match 'PhishMe\.Intelligence'
        "got $($indicators[0])" | Should -Not -Match 'PhishMe\.Intelligence'
    }
}

Describe 'ForEach-Object -Parallel and Start-ThreadJob' {
    It 'work on the objects of another runspace' {
        $counts = $threats | ForEach-Object -Parallel { ($_ | Get-PhishMeIndicator -Impact Major).Count } -ThrottleLimit 4
        ($counts | Measure-Object -Sum).Sum | Should -Be @($threats | Get-PhishMeIndicator -Impact Major).Count
    }

    It 'connect in each runspace, and read the API side by side' {
        $api = @{ BaseUri = $simulator.BaseUri; Credential = $simulator.Credential }
        $found = $threats.Id[0..7] | ForEach-Object -Parallel {
            $connection = $using:api
            $null = Connect-PhishMe @connection
            Get-PhishMeThreat -Id $_
            Disconnect-PhishMe
        } -ThrottleLimit 4
        $found.Id | Sort-Object { "$_" } | Should -Be ($threats.Id[0..7] | Sort-Object { "$_" })
    }

    It 'hand threats back from a thread job' {
        $job = Start-ThreadJob { ($using:documents)[0..4] | ConvertFrom-PhishMeJson }
        $back = $job | Receive-Job -Wait -AutoRemoveJob
        $back.Id | Should -Be $threats[0..4].Id
    }
}

Describe 'Ctrl+C' {
    It 'ends <_> while it waits for an answer' -ForEach 'Get-PhishMeThreat', 'Get-PhishMeIndicator', 'Sync-PhishMeIntelligence -Since 2010-01-01', 'Test-PhishMeConnection' {
        $root = ([uri]$simulator.BaseUri).GetLeftPart('Authority')
        $gate = (Invoke-Simulator $simulator 'hold?route=*').gate
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript("param(`$BaseUri, `$Credential) Import-Module PhishMe; Connect-PhishMe -BaseUri `$BaseUri -Credential `$Credential; $_").
                AddArgument($simulator.BaseUri).AddArgument($simulator.Credential)
            $running = $shell.BeginInvoke()
            $null = Invoke-RestMethod -Uri "$root/_simulator/hold?gate=$gate" -TimeoutSec 60
            $shell.Stop()
            $running.IsCompleted | Should -BeTrue
            $shell.InvocationStateInfo.State | Should -Be 'Stopped'
        }
        finally {
            $null = Invoke-Simulator $simulator "release?gate=$gate"
            $shell.Dispose()
        }
    }
}

Describe '-WhatIf and -Confirm' {
    It 'are there for every cmdlet that changes something: <_>' -ForEach 'Export-PhishMeStix', 'Export-PhishMeJson', 'Export-PhishMeCef', 'Export-PhishMeMisp',
    'Export-PhishMeIndicatorList', 'New-PhishMeConfiguration', 'Register-PhishMeSchedule', 'Send-PhishMeSyslog', 'Set-PhishMePosition', 'Sync-PhishMeIntelligence',
    'Invoke-PhishMeIntegration', 'Get-PhishMeReport' {
        (Get-Command $_).Parameters.Keys | Should -Contain 'WhatIf'
        (Get-Command $_).Parameters.Keys | Should -Contain 'Confirm'
    }

    It '-WhatIf of <_> leaves the folder as it is' -ForEach 'Export-PhishMeStix', 'Export-PhishMeJson', 'Export-PhishMeCef', 'Export-PhishMeMisp', 'Export-PhishMeIndicatorList' {
        $folder = (New-Item -ItemType Directory -Path (Join-Path $TestDrive "whatif-$_")).FullName
        $threats | & $_ -Path (Join-Path $folder 'out') -WhatIf
        Get-ChildItem -LiteralPath $folder | Should -BeNullOrEmpty
    }

    It '-Confirm asks, and "no" leaves the folder as it is' {
        $script = "`$env:PSModulePath = '$env:PSModulePath'; Get-Content -LiteralPath '$TestDrive/threat.json' | ConvertFrom-PhishMeJson | Export-PhishMeJson -Path '$TestDrive/confirmed.json' -Confirm"
        Set-Content -LiteralPath "$TestDrive/threat.json" -Value $documents[0]
        $text = 'n' | Invoke-Pwsh -NoProfile -Command $script | Out-String
        $text | Should -Match 'Are you sure'
        Test-Path -LiteralPath "$TestDrive/confirmed.json" | Should -BeFalse
        $null = 'y' | Invoke-Pwsh -NoProfile -Command $script
        Test-Path -LiteralPath "$TestDrive/confirmed.json" | Should -BeTrue
    }
}

Describe 'Arrays, splatting and $null' {
    It 'an empty pipeline gives nothing and no error' {
        @() | Get-PhishMeIndicator | Should -BeNullOrEmpty
        @() | ConvertTo-PhishMeStix | Should -BeNullOrEmpty
        @() | ConvertFrom-PhishMeJson | Should -BeNullOrEmpty
    }

    It 'a splatted table binds as typed parameters do' {
        $how = @{ Id = $threats[0].Id, $threats[1].Id; First = 1 }
        @(Get-PhishMeThreat @how) | Should -HaveCount 1
    }

    It '-OutVariable, -PipelineVariable and -ErrorVariable work' {
        $null = $threats[0] | Get-PhishMeIndicator -OutVariable kept
        $kept.Count | Should -Be @($threats[0] | Get-PhishMeIndicator).Count
        $pairs = Get-PhishMeThreat -Id $threats[0].Id -PipelineVariable threat | Get-PhishMeIndicator | ForEach-Object { "$($threat.Id)" }
        $pairs | Select-Object -Unique | Should -Be "$($threats[0].Id)"
    }

    It 'an id equals its text, whichever side it is on' {
        $threats[0].Id -eq "$($threats[0].Id)" | Should -BeTrue
        "$($threats[0].Id)" -eq $threats[0].Id | Should -BeTrue
        $threats.Id -contains "$($threats[2].Id)" | Should -BeTrue
        $threats | Where-Object Id -EQ "$($threats[2].Id)" | Should -HaveCount 1
    }
}
