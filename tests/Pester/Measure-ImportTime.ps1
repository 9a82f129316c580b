#Requires -Version 7.6
<#
.SYNOPSIS
    Measures what Import-Module costs, beside an empty binary module, in fresh processes.
.DESCRIPTION
    Each round starts a pwsh per module, in turn, so that both see the same machine. The time is taken within the process, around Import-Module, after
    another binary module has been imported: what PowerShell does before its first import is not ours. Emits medians and their difference in milliseconds,
    of the clock and of the processor time of the process; on a machine that is busy with something else only the latter means much.
.PARAMETER ModulePath
    The staged module: the folder that holds PhishMe.psd1. Default: the one version below out/PhishMe.
.PARAMETER Round
    Processes per module.
.EXAMPLE
    ./tests/Pester/Measure-ImportTime.ps1
#>
[CmdletBinding()]
param(
    [string] $ModulePath,

    [ValidateRange(1, 99)]
    [int] $Round = 7
)

$ErrorActionPreference = 'Stop'
. (Join-Path $PSScriptRoot 'FreshShell.ps1')
if (-not $ModulePath) {
    $ModulePath = Join-Path $PSScriptRoot '../../out/PhishMe/*' -Resolve | Select-Object -Last 1
}
$folder = New-Item -ItemType Directory -Path (Join-Path ([IO.Path]::GetTempPath()) ([guid]::NewGuid()))
try {
    foreach ($name in 'EmptyModule', 'WarmingModule') {
        $null = New-Item -ItemType Directory -Path "$folder/$name"
        Add-Type -OutputAssembly "$folder/$name/$name.dll" -OutputType Library -TypeDefinition @"
using System.Management.Automation;
[Cmdlet(VerbsCommon.Get, "$name")]
public sealed class Get${name}Command : PSCmdlet { }
"@
        New-ModuleManifest -Path "$folder/$name/$name.psd1" -RootModule "$name.dll" -CmdletsToExport "Get-$name" -FunctionsToExport @() -AliasesToExport @() -VariablesToExport @()
    }
    $modules = [ordered]@{ Empty = "$folder/EmptyModule/EmptyModule.psd1"; PhishMe = "$ModulePath/PhishMe.psd1" }
    $times = @{ Empty = @(); PhishMe = @() }
    foreach ($number in 1..$Round) {
        foreach ($name in $modules.Keys) {
            $script = @"
Import-Module '$folder/WarmingModule/WarmingModule.psd1'
`$process = [Diagnostics.Process]::GetCurrentProcess()
`$before = `$process.TotalProcessorTime
`$clock = [Diagnostics.Stopwatch]::StartNew()
Import-Module '$($modules[$name])'
`$clock.Stop()
`$process.Refresh()
[string]::Format([cultureinfo]::InvariantCulture, '{0} {1}', `$clock.Elapsed.TotalMilliseconds, (`$process.TotalProcessorTime - `$before).TotalMilliseconds)
"@
            $clock, $processor = (Invoke-Pwsh -NoProfile -NonInteractive -Command $script) -split ' '
            $times[$name] += @{ Clock = [double]$clock; Processor = [double]$processor }
        }
    }
}
finally {
    Remove-Item -LiteralPath $folder -Recurse -Force
}

foreach ($measure in 'Clock', 'Processor') {
    $median = @{}
    foreach ($name in $modules.Keys) {
        $sorted = @($times[$name].ForEach({ $_[$measure] }) | Sort-Object)
        $median[$name] = ($sorted[[Math]::Floor(($Round - 1) / 2)] + $sorted[[Math]::Ceiling(($Round - 1) / 2)]) / 2
    }
    [pscustomobject]@{
        Measure   = $measure
        Rounds    = $Round
        EmptyMs   = [Math]::Round($median.Empty, 1)
        PhishMeMs = [Math]::Round($median.PhishMe, 1)
        MoreMs    = [Math]::Round($median.PhishMe - $median.Empty, 1)
    }
}
