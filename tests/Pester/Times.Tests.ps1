#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# A zone is read once per process, so each of these runs in a pwsh of its own.
BeforeAll {
    $folder = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'times')).FullName
    $at = [datetimeoffset]'2026-11-26T02:00:00Z'
    $document = @{
        id = 21; threatType = 'MALWARE'; firstPublished = $at.ToUnixTimeMilliseconds(); lastPublished = $at.ToUnixTimeMilliseconds()
        blockSet = @(@{ id = 1; blockType = 'Domain Name'; impact = 'Major'; data = 'tz21.example'; data_1 = 'tz21.example' })
    }
    Set-Content -LiteralPath (Join-Path $folder 'threat.json') -Value ($document | ConvertTo-Json -Depth 5 -Compress)

    function Invoke-InZone {
        param([string] $Zone, [string] $Script)
        $before = $env:TZ
        $env:TZ = $Zone
        try {
            & ([Environment]::ProcessPath) @([Environment]::GetCommandLineArgs() | Where-Object { $_ -like '*pwsh.dll' } | Select-Object -First 1) -NoProfile -NonInteractive -Command "
                Import-Module '$($env:PHISHME_STAGED_MODULE)/PhishMe.psd1'
                `$threat = Get-Content -Raw -LiteralPath '$folder/threat.json' | ConvertFrom-PhishMeJson
                $Script"
        }
        finally {
            $env:TZ = $before
        }
    }
}

Describe 'A time that a person writes' {
    It 'is UTC without a zone: <Since> in <Zone> gives <Count>' -ForEach @(
        foreach ($zone in 'UTC', 'America/New_York', 'Pacific/Auckland') {
            @{ Zone = $zone; Since = '2026-11-26'; Count = 1 }
            @{ Zone = $zone; Since = '2026-11-26T02:00:00'; Count = 1 }
            @{ Zone = $zone; Since = '2026-11-26T02:00:01'; Count = 0 }
            @{ Zone = $zone; Since = '2026-11-26T02:00:00Z'; Count = 1 }
            @{ Zone = $zone; Since = '2026-11-26T03:00:00+01:00'; Count = 1 }
            @{ Zone = $zone; Since = '2026-11-27'; Count = 0 }
        }
    ) {
        Invoke-InZone $Zone "@(`$threat | ConvertTo-PhishMeJson -Since '$Since').Count" | Should -Be $Count
    }

    It 'means what a DateTime with a zone says, in <_>' -ForEach 'America/New_York', 'Pacific/Auckland' {
        Invoke-InZone $_ "
            `$utc = [datetime]::new(2026, 11, 26, 2, 0, 0, 'Utc')
            @(`$threat | ConvertTo-PhishMeJson -Since `$utc.ToLocalTime()).Count
            @(`$threat | ConvertTo-PhishMeJson -Since `$utc.ToLocalTime().AddSeconds(1)).Count
            @(`$threat | ConvertTo-PhishMeJson -Since `$utc).Count
            @(`$threat | ConvertTo-PhishMeJson -Until `$utc).Count" | Should -Be 1, 0, 1, 0
    }

    It 'says its zone in the help of <Name> -<Parameter>' -ForEach @(
        foreach ($command in (Import-PowerShellDataFile (Join-Path $env:PHISHME_STAGED_MODULE 'PhishMe.psd1')).CmdletsToExport) {
            @{ Name = $command; Parameter = 'Since' }
            @{ Name = $command; Parameter = 'Until' }
        }
    ) {
        Import-Module PhishMe
        if ((Get-Command $Name).Parameters.ContainsKey($Parameter)) {
            (Get-Help $Name -Parameter $Parameter).description.Text | Should -Match 'UTC'
        }
    }
}
