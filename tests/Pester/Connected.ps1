<#
.SYNOPSIS
    A session to a simulator of its own, and a home folder for positions, for a file of tests. Dot-source it in BeforeAll.
#>
. (Join-Path $PSScriptRoot 'SimulatorProcess.ps1')

# Starts a simulator, sets up an empty home and connects; Disconnect-FromSimulator undoes it all.
function Connect-ToSimulator {
    param([string[]] $Argument = @('--threats', '50'))
    Import-Module PhishMe
    $env:PHISHME_HOME = Join-Path ([IO.Path]::GetTempPath()) "phishme-home-$([guid]::NewGuid())"
    $simulator = Start-Simulator -Argument $Argument
    Connect-PhishMe -Credential $simulator.Credential -BaseUri $simulator.BaseUri
    $simulator
}

function Disconnect-FromSimulator {
    param($Simulator)
    Disconnect-PhishMe -ErrorAction Ignore
    Stop-Simulator $Simulator
    if (Test-Path -LiteralPath $env:PHISHME_HOME) {
        Remove-Item -LiteralPath $env:PHISHME_HOME -Recurse -Force
    }
    $env:PHISHME_HOME = $null
}

# How many requests of a route were answered since the log was cleared.
function Get-RequestCount {
    param($Simulator, [string] $Route)
    $root = ([uri]$Simulator.BaseUri).GetLeftPart('Authority')
    [int](Invoke-RestMethod -Uri "$root/_simulator/requests").routes.$Route
}

function Get-RequestEntry {
    param($Simulator)
    $root = ([uri]$Simulator.BaseUri).GetLeftPart('Authority')
    (Invoke-RestMethod -Uri "$root/_simulator/requests").entries
}

# One rule of the README of the simulator.
function Add-SimulatorFault {
    param($Simulator, [hashtable] $Rule)
    $root = ([uri]$Simulator.BaseUri).GetLeftPart('Authority')
    $null = Invoke-RestMethod -Method Post -Uri "$root/_simulator/faults" -Body (ConvertTo-Json $Rule) -ContentType 'application/json'
}

# A config.ini that leads to the simulator; one try per request, so that failures come at once.
function Save-Configuration {
    param($Simulator, [string] $Path, [hashtable] $Api = @{}, [string[]] $More = @())
    $keys = @{ base_url = $Simulator.BaseUri; user = $Simulator.User; pass = $Simulator.Pass; max_retries = '1' }
    foreach ($key in $Api.Keys) {
        $keys[$key] = $Api[$key]
    }
    Set-Content -Path $Path -Value @('[pm_api]'; $keys.GetEnumerator().ForEach({ '{0} = {1}' -f $_.Key, $_.Value }); $More)
    if (-not $IsWindows) {
        [IO.File]::SetUnixFileMode($Path, 'UserRead, UserWrite')
    }
}

# Every error says what failed, of which kind, and what to do; none shows a stack.
function Assert-ErrorIsComplete {
    param([System.Management.Automation.ErrorRecord] $Record, [string] $Id, [string] $Category)
    $Record.FullyQualifiedErrorId | Should -BeLike "$Id,*"
    $Record.CategoryInfo.Category | Should -Be $Category
    $Record.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    $Record.ErrorDetails.Message | Should -Not -Match '\bat PhishMe\.'
}
