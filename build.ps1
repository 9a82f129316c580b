#Requires -Version 7.6
<#
.SYNOPSIS
    The commands of docs/development.md under one name, for people with pwsh. Thin: each task is a dotnet command or two.
.EXAMPLE
    ./build.ps1 Test
.EXAMPLE
    ./build.ps1 Stage, Pester
#>
[CmdletBinding()]
param(
    # Torture runs the suite over and over and stops at the first failure: for tests that fail once in a while.
    [ValidateSet('Build', 'Test', 'Stage', 'Help', 'Pester', 'Torture', 'Clean')]
    [string[]] $Task = 'Build',

    # Rounds of Torture.
    [ValidateRange(1, 10000)]
    [int] $Round = 20
)

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true
Push-Location $PSScriptRoot
try {
    foreach ($name in $Task) {
        switch ($name) {
            'Build' { dotnet build PhishMe.PowerShell.sln }
            'Test' { dotnet test PhishMe.PowerShell.sln }
            'Stage' { dotnet build src/PhishMe.PowerShell -t:StageModule -c Release }
            'Help' { & ([Environment]::ProcessPath) -NoProfile -File build/Update-Help.ps1 }
            'Pester' { & ([Environment]::ProcessPath) -NoProfile -File tests/Pester/Invoke-Suite.ps1 }
            'Torture' {
                dotnet build PhishMe.PowerShell.sln
                foreach ($number in 1..$Round) {
                    "Round $number of $Round"
                    dotnet test PhishMe.PowerShell.sln --no-build
                }
            }
            'Clean' {
                Get-ChildItem -Path src, tests, samples -Recurse -Directory -Include bin, obj -ErrorAction Ignore | Remove-Item -Recurse -Force
                Remove-Item -Path out -Recurse -Force -ErrorAction Ignore
            }
        }
    }
}
finally {
    Pop-Location
}
