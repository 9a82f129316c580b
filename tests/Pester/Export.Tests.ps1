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
    Import-Module PhishMe
    $documents = Join-Path $PSScriptRoot '../PhishMe.Engine.Tests/Rendering/Documents'
    $threats = 'malware_a', 'malware_b', 'phish_a', 'phish_b' | ForEach-Object { Get-Content -LiteralPath (Join-Path $documents "$_.json") -Raw } | ConvertFrom-PhishMeJson
    $gone = $threats[0] | ConvertTo-PhishMeJson | ForEach-Object { $_ -replace '\}$', ',"deleted":true}' } | ConvertFrom-PhishMeJson
}

Describe 'ConvertFrom-PhishMeJson' {
    It 'reads a threat per string' {
        $threats | Should -HaveCount 4
        $threats | Should -BeOfType PhishMe.Intelligence.Threat
        $threats[0].Type | Should -Be Malware
        $threats[2].Type | Should -Be Phish
    }

    It 'takes "deleted":true for a withdrawal' {
        $gone.Withdrawn | Should -BeTrue
    }

    It 'writes an error for what is no threat and goes on: <_>' -ForEach '[1]', '{', '{"id":1}', '{"threatType":"MALWARE"}' {
        $read = $_, ($threats[0] | ConvertTo-PhishMeJson) | ConvertFrom-PhishMeJson -ErrorVariable failure -ErrorAction SilentlyContinue
        $read | Should -HaveCount 1
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'InputInvalid,*'
        $failure[0].CategoryInfo.Category | Should -Be InvalidData
    }

    It 'reads an object over many lines, behind a byte order mark, and in an array' {
        $pretty = $threats[0] | ConvertTo-PhishMeJson | ConvertFrom-Json -Depth 100 | ConvertTo-Json -Depth 100
        $lines = $pretty.Split([Environment]::NewLine)
        $lines.Count | Should -BeGreaterThan 20
        foreach ($form in @($lines), @($pretty), @("$([char]0xFEFF)$pretty"), @("$([char]0xFEFF)$($lines[0])"; $lines[1..($lines.Count - 1)]), @("[$pretty]")) {
            $read = @($form | ConvertFrom-PhishMeJson -WarningVariable warned -ErrorAction Stop)
            $read.Id | Should -Be $threats[0].Id
            $read.Indicators.Count | Should -Be $threats[0].Indicators.Count
            $warned | Should -BeNullOrEmpty
        }
    }

    It 'reads two objects over many lines one after another' {
        $lines = $threats[0, 2] | ConvertTo-PhishMeJson | ForEach-Object { ($_ | ConvertFrom-Json -Depth 100 | ConvertTo-Json -Depth 100).Split([Environment]::NewLine) }
        ($lines | ConvertFrom-PhishMeJson -ErrorAction Stop).Id | Should -Be $threats[0, 2].Id
    }

    It 'warns of JSON that ConvertTo-Json cut at its depth' {
        $cut = $threats[0] | ConvertTo-PhishMeJson | ConvertFrom-Json -Depth 100 | ConvertTo-Json -WarningAction SilentlyContinue
        $null = $cut | ConvertFrom-PhishMeJson -WarningVariable warned -WarningAction SilentlyContinue -ErrorAction SilentlyContinue
        "$warned" | Should -Match '-Depth 100'
    }

    It 'says in its help what it reads' {
        (Get-Help ConvertFrom-PhishMeJson).description.Text | Should -Match 'pretty-printed'
        (Get-Help ConvertFrom-PhishMeJson -Parameter InputObject).description.Text | Should -Match '-Raw'
        (Get-Help ConvertFrom-PhishMeJson -Examples | Out-String) | Should -Match '-Raw'
    }

    It 'passes over empty lines' {
        '', '  ' | ConvertFrom-PhishMeJson -ErrorAction Stop | Should -BeNullOrEmpty
    }
}

Describe 'ConvertTo-' {
    It 'makes JSON that reads back the same' {
        foreach ($threat in $threats) {
            $json = $threat | ConvertTo-PhishMeJson
            $json | Should -Not -Match "`n"
            ($json | ConvertFrom-PhishMeJson | ConvertTo-PhishMeJson) | Should -BeExactly $json
        }
    }

    It 'makes one string per CEF event' {
        $lines = $threats | ConvertTo-PhishMeCef
        $lines.Count | Should -BeGreaterThan 4
        $lines | Should -Match '^CEF:0\|PhishMe\|(Brand )?Intelligence\|1\.0\|'
        $lines -match "`n" | Should -BeNullOrEmpty
    }

    It 'makes a bundle per threat, and the same one again' {
        $bundles = $threats | ConvertTo-PhishMeStix -Tlp Amber
        $bundles | Should -HaveCount 4
        ($bundles | ConvertFrom-Json -Depth 50).type | Should -Be (@('bundle') * 4)
        $threats | ConvertTo-PhishMeStix -Tlp Amber | Should -BeExactly $bundles
    }

    It 'makes well-formed XML of version 1.1.1' {
        $threats | ConvertTo-PhishMeStix -Version 1.1.1 | ForEach-Object { ([xml]$_).DocumentElement.LocalName | Should -Be STIX_Package }
    }

    It 'makes MISP events' {
        ($threats | ConvertTo-PhishMeMisp | ConvertFrom-Json -Depth 50).Event.Attribute.Count | Should -BeGreaterThan 4
    }

    It 'announces a withdrawal' {
        $gone | ConvertTo-PhishMeCef | Should -BeLike '*|threat_withdrawn|*'
        $gone | ConvertTo-PhishMeJson | Should -Match ',"deleted":true\}$'
        ($gone | ConvertTo-PhishMeStix | ConvertFrom-Json -Depth 50).objects.revoked | Should -Contain $true
        $gone | ConvertTo-PhishMeStix -Version 1.1.1 | Should -BeNullOrEmpty
    }

    It 'stops when the consumer has enough' {
        $threats | ConvertTo-PhishMeCef | Select-Object -First 1 | Should -HaveCount 1
    }

    It 'refuses a version that is none' {
        { $threats | ConvertTo-PhishMeStix -Version 2.0 } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
    }
}

Describe '<Command> <Argument.Values>' -ForEach $exports {
    BeforeEach {
        $folder = (New-Item -ItemType Directory -Path (Join-Path $TestDrive ([guid]::NewGuid()))).FullName
        $file = Join-Path $folder 'out.txt'
    }

    It 'writes UTF-8 without byte order mark, with LF, and leaves no other file' {
        $threats | & $Command -Path $file @Argument | Should -BeNullOrEmpty
        $bytes = [IO.File]::ReadAllBytes($file)
        $bytes.Length | Should -BeGreaterThan 100
        $bytes[0] | Should -BeLessThan 0x80
        $bytes[-1] | Should -Be 10
        $bytes -contains 13 | Should -BeFalse
        Get-ChildItem -LiteralPath $folder -Force | Should -HaveCount 1
    }

    It 'writes the same bytes again' {
        $threats | & $Command -Path $file @Argument
        $before = (Get-FileHash $file).Hash
        $threats | & $Command -Path $file @Argument
        (Get-FileHash $file).Hash | Should -Be $before
    }

    It 'hands on with -PassThru what it took' {
        ($threats | & $Command -Path $file @Argument -PassThru).Id | Should -Be $threats.Id
    }

    It 'writes nothing with -WhatIf' {
        $threats | & $Command -Path $file @Argument -WhatIf
        $file | Should -Not -Exist
    }

    It 'leaves nothing behind when the pipeline fails' {
        { $threats | ForEach-Object { $_; throw 'halfway' } | & $Command -Path $file @Argument } | Should -Throw 'halfway'
        Get-ChildItem -LiteralPath $folder -Force | Should -BeNullOrEmpty
    }

    It 'adds with -Append' {
        $threats | & $Command -Path $file @Argument
        $length = (Get-Item $file).Length
        $before = [IO.File]::ReadAllBytes($file)
        $threats | & $Command -Path $file @Argument -Append
        (Get-Item $file).Length | Should -BeGreaterThan ($length * 1.5)
        [IO.File]::ReadAllBytes($file)[0..($length - 1)] | Should -Be $before
    }

    It 'takes no threats at all' {
        @() | & $Command -Path $file @Argument -ErrorAction Stop
        $file | Should -Exist
    }
}

Describe 'The file of an export' {
    BeforeAll {
        $existing = Join-Path $TestDrive 'existing.cef'
    }
    BeforeEach {
        Set-Content -LiteralPath $existing -Value 'before'
    }

    It 'may be one of a PowerShell drive' {
        $threats | Export-PhishMeCef -Path 'TestDrive:/drive.cef'
        Join-Path $TestDrive 'drive.cef' | Should -Exist
    }

    It 'may be named by a wildcard that leads to one file' {
        $threats | Export-PhishMeCef -Path 'TestDrive:/exist*.cef'
        Get-Content -LiteralPath $existing | Should -Match '^CEF:'
    }

    It 'is taken literally by -LiteralPath' {
        $threats | Export-PhishMeCef -LiteralPath 'TestDrive:/a[1].cef'
        Test-Path -LiteralPath (Join-Path $TestDrive 'a[1].cef') | Should -BeTrue
    }

    It 'is an error with a stable id when it cannot be: <Path>' -ForEach @(
        @{ Path = 'TestDrive:/nothing*.cef'; Id = 'PathInvalid' }
        @{ Path = 'TestDrive:/nowhere/out.cef'; Id = 'PathInvalid' }
        @{ Path = 'TestDrive:/'; Id = 'PathInvalid' }
        @{ Path = 'env:PATH'; Id = 'PathInvalid' }
        @{ Path = 'nodrive:/out.cef'; Id = 'PathInvalid' }
    ) {
        { $threats | Export-PhishMeCef -Path $Path } | Should -Throw -ErrorId "$Id,*"
    }

    It 'is not replaced with -NoClobber' {
        { $threats | Export-PhishMeCef -Path $existing -NoClobber } | Should -Throw -ErrorId 'FileExists,*'
        Get-Content -LiteralPath $existing | Should -Be 'before'
    }

    It 'that is read-only is replaced with -Force only' {
        Set-ItemProperty -LiteralPath $existing -Name IsReadOnly -Value $true
        { $threats | Export-PhishMeCef -Path $existing } | Should -Throw -ErrorId 'FileUnwritable,*'
        $threats | Export-PhishMeCef -Path $existing -Force
        Get-Content -LiteralPath $existing | Should -Match '^CEF:'
    }

    It 'ends a last line without end before it is added to' {
        Set-Content -LiteralPath $existing -Value 'before' -NoNewline
        $threats[0] | Export-PhishMeCef -Path $existing -Append
        (Get-Content -LiteralPath $existing)[0..1] | Should -Match '^(before$|CEF:)'
    }

    It 'keeps what it is behind a link' -Skip:$IsWindows {
        $link = Join-Path $TestDrive 'link.cef'
        $null = New-Item -ItemType SymbolicLink -Path $link -Target $existing -Force
        $threats[0] | Export-PhishMeCef -Path $link
        (Get-Item -LiteralPath $link).LinkType | Should -Be SymbolicLink
        Get-Content -LiteralPath $existing | Should -Match '^CEF:'
    }

    It 'keeps its mode' -Skip:$IsWindows {
        [IO.File]::SetUnixFileMode($existing, 'UserRead, UserWrite')
        $threats[0] | Export-PhishMeCef -Path $existing
        [IO.File]::GetUnixFileMode($existing) | Should -Be ([IO.UnixFileMode]'UserRead, UserWrite')
    }

    It 'may be a device' -Skip:$IsWindows {
        $threats | Export-PhishMeCef -Path /dev/null
        Test-Path -LiteralPath /dev/null -PathType Leaf | Should -BeTrue
        (Get-Item -LiteralPath /dev/null -Force).UnixMode[0] | Should -Be 'c'
    }
}

Describe 'One file of many threats' {
    It 'is one STIX 2.1 bundle in which nothing is twice' {
        $threats | Export-PhishMeStix -Path TestDrive:/one.json
        $bundle = Get-Content -Path TestDrive:/one.json -Raw | ConvertFrom-Json -Depth 50
        $bundle.id | Should -Match '^bundle--'
        ($bundle.objects | Where-Object type -EQ report).Count | Should -Be 4
        ($bundle.objects.id | Sort-Object -Unique).Count | Should -Be $bundle.objects.Count
    }

    It 'is a bundle without objects when there is no threat' {
        @() | Export-PhishMeStix -Path TestDrive:/none.json
        (Get-Content -Path TestDrive:/none.json -Raw | ConvertFrom-Json).PSObject.Properties.Name | Should -Not -Contain objects
    }

    It 'is a list of MISP events' {
        $threats | Export-PhishMeMisp -Path TestDrive:/misp.json
        (Get-Content -Path TestDrive:/misp.json -Raw | ConvertFrom-Json -Depth 50).response.Event.Count | Should -Be 4
    }

    It 'has a header once, also after -Append' {
        $threats | Export-PhishMeIndicatorList -Path TestDrive:/rows.csv -Format Csv
        $threats | Export-PhishMeIndicatorList -Path TestDrive:/rows.csv -Format Csv -Append
        @(Get-Content -Path TestDrive:/rows.csv | Where-Object { $_ -like 'threat_id,*' }).Count | Should -Be 1
        (Import-Csv -Path TestDrive:/rows.csv)[0].threat_id | Should -Match '^[mp]_\d+$'
    }

    It 'holds each value of a list once, of the kinds and impact wanted, without what was withdrawn' {
        $threats + $threats | Export-PhishMeIndicatorList -Path TestDrive:/list.txt -Kind Domain -MinimumImpact Moderate
        $values = Get-Content -Path TestDrive:/list.txt
        $wanted = $threats.Indicators | Where-Object { $_.Kind -eq 'Domain' -and $_.Impact -ge 'Moderate' -and -not $_.Corollary -and $_.NormalizedValue }
        $values | Should -BeExactly @($wanted.NormalizedValue | Sort-Object -Unique -Culture '')
        $gone | Export-PhishMeIndicatorList -Path TestDrive:/gone.txt
        Get-Content -Path TestDrive:/gone.txt | Should -BeNullOrEmpty
    }

    It 'takes indicators as well as threats, and says what it cannot take' {
        $threats.Indicators | Export-PhishMeIndicatorList -Path TestDrive:/single.txt
        $threats | Export-PhishMeIndicatorList -Path TestDrive:/whole.txt
        Get-Content -Path TestDrive:/single.txt | Should -BeExactly (Get-Content -Path TestDrive:/whole.txt)
        42 | Export-PhishMeIndicatorList -Path TestDrive:/wrong.txt -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'InputInvalid,*'
    }
}

Describe 'Conditions' {
    It 'take wildcards for families and roles' {
        $families = @($threats.Families) + @($threats.DeliveryMechanisms) | Sort-Object -Unique
        $pattern = $families[0].Substring(0, 2) + '*'
        $expected = @($threats.Where({ @(@($_.Families) + @($_.DeliveryMechanisms) -like $pattern).Count }))
        @($threats | ConvertTo-PhishMeJson -Family $pattern) | Should -HaveCount $expected.Count
        $expected.Count | Should -BeGreaterThan 0
        $threats | ConvertTo-PhishMeJson -Family 'no such*' | Should -BeNullOrEmpty
        @($threats | ConvertTo-PhishMeJson -Role '*' -Type Malware) | Should -HaveCount @($threats.Where({ $_.Type -eq 'Malware' -and $_.Indicators.Role })).Count
    }
}

Describe 'The view of a threat' {
    It 'is a table with id, type, impact and number of indicators' {
        $text = $threats | Format-Table | Out-String -Width 160
        $text | Should -Match 'Id\s+Type\s+Published\s+Impact'
        $text | Should -Match ([regex]::Escape("$($threats[0].Id)"))
    }
}
