#Requires -Version 7.6
#Requires -Modules PhishMe
<#
.SYNOPSIS
    Fetches the last days into a folder of its own, without touching the position of the running integration.
.PARAMETER OutputPath
    The folder; a second call goes on where the first one stopped.
.PARAMETER Day
    How many days back.
.PARAMETER CredentialSource
    Where user and password of the API token are kept.
.PARAMETER BaseUri
    Root of the API.
.EXAMPLE
    ./Invoke-Backfill.ps1 -OutputPath ./backfill -Day 30
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory, Position = 0)]
    [string] $OutputPath,

    [ValidateRange(1, 3650)]
    [int] $Day = 30,

    [ValidateCount(2, 2)]
    [string[]] $CredentialSource = @('env:PHISHME_USER', 'env:PHISHME_PASS'),

    [uri] $BaseUri = 'https://www.threathq.com/apiv1'
)

$folder = (New-Item -ItemType Directory -Path $OutputPath -Force -WhatIf:$false).FullName
$configuration = Join-Path $folder 'config.ini'
if (-not (Test-Path -LiteralPath $configuration)) {
    $null = New-PhishMeConfiguration -ConfigPath $configuration -CredentialSource $CredentialSource -BaseUri $BaseUri -WhatIf:$false -Setting @{
        'pm_api.init_date'                          = [datetime]::UtcNow.AddDays(-$Day).ToString('yyyy-MM-dd', [cultureinfo]::InvariantCulture)
        'integration_raw_json.append_file_use'      = 'True'
        'integration_raw_json.append_file_location' = Join-Path $folder 'threats.json'
        'integration_raw_json.multiple_file_use'    = 'False'
    }
}
Invoke-PhishMeIntegration -ConfigPath $configuration
