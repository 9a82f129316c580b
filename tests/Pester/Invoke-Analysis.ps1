#Requires -Version 7.6
<#
.SYNOPSIS
    Runs PSScriptAnalyzer over every PowerShell file of the repository. Exit code 0 only when it finds nothing.
#>
[CmdletBinding()]
param()

$ErrorActionPreference = 'Stop'
$root = (Resolve-Path (Join-Path $PSScriptRoot '../..')).ProviderPath
$files = Get-ChildItem -Path $root -Recurse -File -Include *.ps1, *.psm1, *.psd1 |
    Where-Object { [IO.Path]::GetRelativePath($root, $_.FullName) -notmatch '(^|[\\/])(bin|obj|out)[\\/]' }
$findings = foreach ($file in $files) {
    if ($file.DirectoryName -eq $PSScriptRoot) {
        Invoke-ScriptAnalyzer -Path $file.FullName -Settings (Join-Path $PSScriptRoot 'PSScriptAnalyzerSettings.psd1')
    }
    else {
        Invoke-ScriptAnalyzer -Path $file.FullName
    }
}
$findings | Format-Table -AutoSize -Wrap -Property Severity, RuleName, ScriptName, Line, Message
'{0} file(s), {1} finding(s)' -f @($files).Count, @($findings).Count
exit [int](@($findings).Count -gt 0)
