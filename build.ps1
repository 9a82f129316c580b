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
    # Torture is the slow target of docs/reliability.md: kills, faults, concurrent starts, fuzzing.
    [ValidateSet('Build', 'Test', 'Stage', 'Package', 'Native', 'Help', 'Pester', 'Torture', 'Clean')]
    [string[]] $Task = 'Build'
)

$ErrorActionPreference = 'Stop'
. (Join-Path $PSScriptRoot 'tests/Pester/FreshShell.ps1')
$PSNativeCommandUseErrorActionPreference = $true
Push-Location $PSScriptRoot
try {
    foreach ($name in $Task) {
        switch ($name) {
            'Build' { dotnet build PhishMe.PowerShell.sln }
            'Test' { dotnet test PhishMe.PowerShell.sln }
            'Stage' { dotnet build src/PhishMe.PowerShell -t:StageModule -c Release }
            'Package' { dotnet build PhishMe.PowerShell.sln -t:Package }
            'Native' { dotnet publish src/PhishMe.Cli -c Release -p:Native=true -o out/native }
            'Help' { Invoke-Pwsh -NoProfile -File build/Update-Help.ps1 }
            'Pester' { Invoke-Pwsh -NoProfile -File tests/Pester/Invoke-Suite.ps1 }
            'Torture' { dotnet run -c Release --project tests/PhishMe.Torture }
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
