#Requires -Version 7.6
<#
.SYNOPSIS
    Prepares what phishme-server serves: a configuration with both servers, a store, and the lists of a firewall.
.DESCRIPTION
    Steps as in Tour.ps1. QuickStart starts the server afterwards. Everything happens in the current folder.
.PARAMETER Api
    The API. It is simulated here; leave -BaseUri out for the real one.
.PARAMETER Port
    Port of the feed server and the status page; TAXII has the next one. 0 for free ones.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [uri] $Api,

    [int] $Port = 8443
)

$ErrorActionPreference = 'Stop'
. "$PSScriptRoot/Step.ps1"

$page = "http://127.0.0.1:$Port/"
$taxii = "http://127.0.0.1:$($Port ? $Port + 1 : 0)/"

Step 'Load the module.' {
    Import-Module PhishMe
} { Get-Module PhishMe }

Step 'Write a configuration with lists for a firewall and both servers, for this machine alone.' {
    New-PhishMeConfiguration ./config.ini -BaseUri $Api -CredentialSource env:PHISHME_USER, env:PHISHME_PASS -StartDate (Get-Date).AddDays(-11) -Format Json -Setting @{
        'integration_paloalto_minemeld.use' = 'True'; 'integration_paloalto_minemeld.output_dir' = 'lists'
        'feed_server.use' = 'True'; 'feed_server.listen' = $page
        'taxii_server.use' = 'True'; 'taxii_server.listen' = $taxii
    }
} { Test-Path ./config.ini }

Step 'Fill the store and write the lists.' {
    Invoke-PhishMeIntegration ./config.ini
} { $args.ExitCode -eq 'Done' }

Step 'The status page as a file, without a server.' {
    Export-PhishMeDashboard ./dashboard.html -ConfigPath ./config.ini -PassThru
} { $args.Length -gt 0 }

exit 0
