#Requires -Version 7.6
<#
.SYNOPSIS
    Runs PSScriptAnalyzer over every PowerShell file of the repository. Exit code 0 only when it finds nothing.
#>
[CmdletBinding()]
param()

$ErrorActionPreference = 'Stop'
$root = (Resolve-Path (Join-Path $PSScriptRoot '../..')).ProviderPath
$findings = Get-ChildItem -Path $root -Recurse -File -Include *.ps1, *.psm1, *.psd1 |
    Where-Object { [IO.Path]::GetRelativePath($root, $_.FullName) -notmatch '(^|[\\/])(bin|obj|out)[\\/]' } |
    ForEach-Object { Invoke-ScriptAnalyzer -Path $_.FullName -Settings (Join-Path $PSScriptRoot 'PSScriptAnalyzerSettings.psd1') }
$findings | Format-Table -AutoSize -Wrap -Property Severity, RuleName, ScriptName, Line, Message
'{0} finding(s)' -f @($findings).Count
exit [int](@($findings).Count -gt 0)
