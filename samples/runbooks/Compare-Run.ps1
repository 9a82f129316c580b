#Requires -Version 7.6
#Requires -Modules PhishMe
<#
.SYNOPSIS
    Tells what is different between two runs: threats that are new, changed or withdrawn, and the indicators that came and went.
.PARAMETER ReferencePath
    JSON lines of the earlier run: a copy of its append file, or what Export-PhishMeJson wrote.
.PARAMETER DifferencePath
    JSON lines of the later run.
.EXAMPLE
    ./Compare-Run.ps1 -ReferencePath ./monday.json -DifferencePath ./tuesday.json
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory, Position = 0)]
    [string] $ReferencePath,

    [Parameter(Mandatory, Position = 1)]
    [string] $DifferencePath
)

# The newest version of a threat is the last one in a file.
function Read-Run {
    param([string] $Path)
    $run = [ordered]@{}
    Get-Content -LiteralPath $Path | ConvertFrom-PhishMeJson | ForEach-Object { $run["$($_.Id)"] = $_ }
    $run
}

function Get-Value {
    param($Threat)
    @($Threat.Indicators | Where-Object { -not $_.Corollary } | ForEach-Object Value | Sort-Object -Unique)
}

$before = Read-Run -Path $ReferencePath
$after = Read-Run -Path $DifferencePath
foreach ($id in @($before.Keys) + @($after.Keys) | Sort-Object -Unique) {
    $old = $before[$id]
    $new = $after[$id]
    $change = if ($new.Withdrawn) { if (-not $old.Withdrawn) { 'Withdrawn' } }
    elseif (-not $new) { 'Missing' }
    elseif (-not $old -or $old.Withdrawn) { 'New' }
    elseif (($old | ConvertTo-PhishMeJson) -cne ($new | ConvertTo-PhishMeJson)) { 'Changed' }
    if ($change) {
        $oldValues = Get-Value $old
        $newValues = if ($new.Withdrawn) { @() } else { Get-Value $new }
        [pscustomobject]@{
            Threat  = $id
            Change  = $change
            Label   = ($new ?? $old).Label
            Added   = @($newValues | Where-Object { $_ -cnotin $oldValues })
            Removed = @($oldValues | Where-Object { $_ -cnotin $newValues })
        }
    }
}
