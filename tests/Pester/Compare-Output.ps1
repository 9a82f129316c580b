#Requires -Version 7.6
<#
.SYNOPSIS
    Exports the same threats in every format with two versions of the module, and counts what differs.
.DESCRIPTION
    Each version runs in a pwsh of its own. The threats are lines of JSON: the files of a folder (one threat each), generated ones of the simulator, or both.
    The table has a row for each format: lines (or, for JSON documents, objects and attributes) that only one of the two versions wrote, and how many both did.
.PARAMETER Before
    The staged module of the earlier version: the folder with PhishMe.psd1.
.PARAMETER After
    The staged module of the later version.
.PARAMETER Folder
    A folder with *.json files, one threat each.
.PARAMETER Generated
    Number of generated threats that are added. The simulator must be built.
.PARAMETER Detail
    Lists up to so many lines of each difference.
.EXAMPLE
    ./tests/Pester/Compare-Output.ps1 -Before ./old/PhishMe/1.0.0 -After ./out/PhishMe/1.0.0 -Folder ./tests/PhishMe.Engine.Tests/Rendering/Documents -Generated 5000
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $Before,
    [Parameter(Mandatory)] [string] $After,
    [string] $Folder,
    [int] $Generated = 0,
    [int] $Detail = 0
)

$ErrorActionPreference = 'Stop'
. (Join-Path $PSScriptRoot 'FreshShell.ps1')
. (Join-Path $PSScriptRoot 'SimulatorProcess.ps1')
$work = (New-Item -ItemType Directory -Path (Join-Path ([IO.Path]::GetTempPath()) "phishme-compare-$([guid]::NewGuid())")).FullName
$threats = Join-Path $work 'threats.jsonl'
try {
    $lines = [System.Collections.Generic.List[string]]::new()
    if ($Folder) {
        foreach ($file in Get-ChildItem -LiteralPath $Folder -Filter *.json -Recurse | Sort-Object FullName) {
            # Line breaks stand only between the values of JSON.
            $lines.Add(([IO.File]::ReadAllText($file.FullName) -replace '\r?\n\s*', ''))
        }
    }
    if ($Generated -gt 0) {
        $simulator = Start-Simulator '--threats', $Generated
        try {
            $root = ([uri]$simulator.BaseUri).GetLeftPart('Authority')
            foreach ($id in (Invoke-RestMethod -Uri "$root/_simulator/threats").ids) {
                $lines.Add([Text.Encoding]::UTF8.GetString((Invoke-WebRequest -Uri "$root/_simulator/json?id=$id").RawContentStream.ToArray()))
            }
        }
        finally {
            Stop-Simulator $simulator
        }
    }
    [IO.File]::WriteAllLines($threats, $lines)

    $exports = [ordered]@{
        'JSON'       = 'Export-PhishMeJson'
        'CEF'        = 'Export-PhishMeCef'
        'STIX 1.1.1' = 'Export-PhishMeStix -Version 1.1.1'
        'STIX 2.1'   = 'Export-PhishMeStix'
        'MISP'       = 'Export-PhishMeMisp'
        'CSV'        = 'Export-PhishMeIndicatorList -Format Csv'
        'List'       = 'Export-PhishMeIndicatorList'
    }
    foreach ($version in @(@{ Name = 'before'; Module = $Before }, @{ Name = 'after'; Module = $After })) {
        $script = foreach ($format in $exports.Keys) {
            $target = Join-Path $work "$($version.Name)-$($format -replace '\W', '')"
            "`$watch = [Diagnostics.Stopwatch]::StartNew(); `$threats | $($exports[$format]) -Path '$target'; '$format {0:0.0} s' -f `$watch.Elapsed.TotalSeconds"
        }
        Write-Verbose "$($version.Name): $($lines.Count) threats"
        Invoke-Pwsh -NoProfile -NonInteractive -Command "
            Import-Module '$(Join-Path (Resolve-Path -LiteralPath $version.Module).ProviderPath 'PhishMe.psd1')'
            `$threats = @([IO.File]::ReadAllLines('$threats') | ConvertFrom-PhishMeJson)
            $($script -join "`n            ")" | ForEach-Object { Write-Verbose "$($version.Name): $_" }
    }

    # The units of a format: what a reader takes one by one. Ids of runs and times of generation are no difference.
    function Get-Unit {
        param([string] $Format, [string] $Path)
        switch ($Format) {
            'STIX 2.1' {
                foreach ($line in [IO.File]::ReadLines($Path)) {
                    foreach ($object in [System.Text.Json.Nodes.JsonNode]::Parse($line)['objects']) { "$($object['type']) $($object.ToJsonString())" }
                }
            }
            'MISP' {
                foreach ($one in [System.Text.Json.Nodes.JsonNode]::Parse([IO.File]::ReadAllText($Path))['response']) {
                    foreach ($attribute in $one['Event']['Attribute']) { "$($attribute['type']) $($attribute.ToJsonString())" }
                }
            }
            'STIX 1.1.1' { [IO.File]::ReadLines($Path) -replace '\b(timestamp|Timestamp)="[^"]*"', '' -replace '(?<=Time[^>]*>)\d{4}-[^<]*', '' }
            default { [IO.File]::ReadLines($Path) }
        }
    }

    foreach ($format in $exports.Keys) {
        $name = $format -replace '\W', ''
        $counts = @{}
        foreach ($unit in Get-Unit $format (Join-Path $work "before-$name")) { $counts[$unit] = 1 + $counts[$unit] }
        $same = 0
        $added = [System.Collections.Generic.List[string]]::new()
        foreach ($unit in Get-Unit $format (Join-Path $work "after-$name")) {
            if ($counts[$unit] -gt 0) { $counts[$unit]--; $same++ } else { $added.Add($unit) }
        }
        $removed = @(foreach ($unit in $counts.Keys) { for ($i = 0; $i -lt $counts[$unit]; $i++) { $unit } })
        [pscustomobject]@{ Format = $format; Same = $same; OnlyBefore = $removed.Count; OnlyAfter = $added.Count }
        for ($i = 0; $i -lt $Detail; $i++) {
            if ($i -lt $removed.Count) { Write-Information "$format - $($removed[$i])" -InformationAction Continue }
            if ($i -lt $added.Count) { Write-Information "$format + $($added[$i])" -InformationAction Continue }
        }
    }
}
finally {
    Remove-Item -LiteralPath $work -Recurse -Force
}
