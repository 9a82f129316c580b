#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# A zone is read once per process, so each of these runs in a pwsh of its own.
BeforeAll {
    . (Join-Path $PSScriptRoot 'FreshShell.ps1')
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
            Invoke-Pwsh -NoProfile -NonInteractive -Command "
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
    It 'is UTC without a zone, and means what it says with one: <_>' -ForEach 'UTC', 'America/New_York', 'Pacific/Auckland' {
        $counts = Invoke-InZone $_ "
            foreach (`$since in '2026-11-26', '2026-11-26T02:00:00', '2026-11-26T02:00:01', '2026-11-26T02:00:00Z', '2026-11-26T03:00:00+01:00', '2026-11-26T03:00:01+01:00', '2026-11-27') {
                '{0}: {1}' -f `$since, @(`$threat | ConvertTo-PhishMeJson -Since `$since).Count
            }
            `$utc = [datetime]::new(2026, 11, 26, 2, 0, 0, [System.DateTimeKind]::Utc)
            'local: {0}' -f @(`$threat | ConvertTo-PhishMeJson -Since `$utc.ToLocalTime()).Count
            'local, a second later: {0}' -f @(`$threat | ConvertTo-PhishMeJson -Since `$utc.ToLocalTime().AddSeconds(1)).Count
            'until: {0}' -f @(`$threat | ConvertTo-PhishMeJson -Until '2026-11-26T02:00:00').Count"
        $counts | Should -Be @(
            '2026-11-26: 1', '2026-11-26T02:00:00: 1', '2026-11-26T02:00:01: 0', '2026-11-26T02:00:00Z: 1', '2026-11-26T03:00:00+01:00: 1'
            '2026-11-26T03:00:01+01:00: 0', '2026-11-27: 0', 'local: 1', 'local, a second later: 0', 'until: 0'
        )
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
