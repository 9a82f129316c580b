# A run as a scheduled task starts it. Without -ConfigPath only what such a process costs before the module is imported.
param([string] $Module, [string] $ConfigPath)
$ErrorActionPreference = 'Stop'
if ($ConfigPath) {
    Import-Module -Name $Module
    $summary = Invoke-PhishMeIntegration -ConfigPath $ConfigPath
    exit [int] $summary.ExitCode
}
exit 0
