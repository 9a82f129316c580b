#Requires -Version 7.6
<#
.SYNOPSIS
    The module in one tour: configure, run, ask, look up, follow, export.
.DESCRIPTION
    A step is a title, a command as one would type it, and a check of what the command did. Everything happens in the current folder.
.PARAMETER Api
    The API. It is simulated here; leave -BaseUri out for the real one.
#>
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSReviewUnusedParameter', 'Api', Justification = 'Edit-Api and the steps use it.')]
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [uri] $Api
)

$ErrorActionPreference = 'Stop'
. "$PSScriptRoot/Step.ps1"

# Changes the threats of the simulated API; the real one changes by itself.
function Edit-Api {
    param([string] $Change)
    Invoke-RestMethod -Method Post -Uri ([uri]::new($Api, "/_simulator/$Change"))
}

Step 'Load the module.' {
    Import-Module PhishMe
} { Get-Module PhishMe }

Step 'Write a configuration. The credentials stay in environment variables.' {
    New-PhishMeConfiguration ./config.ini -BaseUri $Api -CredentialSource env:PHISHME_USER, env:PHISHME_PASS `
        -StartDate (Get-Date).AddDays(-11) -Format Json, Cef -Setting @{ 'local_sqlite.use' = 'True' }
} { Test-Path ./config.ini }

Step 'Check it before anything runs.' {
    Test-PhishMeConfiguration ./config.ini
} { $args.IsValid }

Step 'The first run has no position yet, so it fetches everything since the start date: a backfill.' {
    Invoke-PhishMeIntegration ./config.ini
} { $args.ExitCode -eq 'Done' -and $args.Backfill -and -not ($args.Outputs.Threats -ne 120) }

# Meanwhile at the API: 12 threats are published, 5 are changed, 3 are withdrawn.
$known = (Get-PhishMeThreat -FromStore).Id
$null = Edit-Api 'publish?count=12'
$known[0..4].ForEach({ $null = Edit-Api "republish?id=$_" })
$known[-3..-1].ForEach({ $null = Edit-Api "withdraw?id=$_" })

Step 'Later, 12 threats are new, 5 have changed and 3 are withdrawn. The next run fetches just these.' {
    Invoke-PhishMeIntegration ./config.ini
} {
    $args.ExitCode -eq 'Done' -and -not $args.Backfill -and -not ($args.Outputs.Threats -ne 17) -and -not ($args.Outputs.Withdrawn -ne 3)
}

Step 'What is withdrawn is removed from the files and marked in the local store.' {
    Get-PhishMeThreat -FromStore -IncludeWithdrawn | Where-Object Withdrawn
} { -not (Compare-Object $args.Id $known[-3..-1]) -and -not (Get-ChildItem -Recurse -File | Where-Object BaseName -In $known[-3..-1]) }

Step 'Ask the API. A session needs credentials or a configuration.' {
    Connect-PhishMe -ConfigPath ./config.ini
    Get-PhishMeThreat -Since (Get-Date).AddHours(-1) | Get-PhishMeIndicator -Impact Major | Select-Object -First 5
} { $args.Count -eq 5 -and -not ($args.Impact -ne 'Major') }

$bad = Get-PhishMeThreat -FromStore -First 10 | Get-PhishMeIndicator -Kind Domain -Impact Major | Select-Object -First 1
Set-Content ./proxy.log -Value '10.1.2.3 GET http://intranet.example/ 200', "10.1.2.4 GET http://$($bad.NormalizedValue)/gate.php?id=1 200"

Step 'Look up everything in a log file. This needs no network: it reads the local store.' {
    Find-PhishMeIndicator -Path ./proxy.log
} { $args.LineNumber -eq 2 -and $args.MatchedValue -contains $bad.NormalizedValue }

Step 'Follow what is new. The position moves behind what you took ...' {
    Sync-PhishMeIntelligence -Since (Get-Date).AddDays(-3) | Select-Object -First 3
} { ($script:taken = $args.Id).Count -eq 3 }

Step '... so the next call continues with the next threat.' {
    Sync-PhishMeIntelligence | Select-Object -First 3
} { $args.Count -eq 3 -and -not ($args.Id | Where-Object { $_ -in $taken }) }

Step 'Export the local store to STIX 2.1.' {
    Export-PhishMeStix ./threats.stix.json -FromStore -Version 2.1
    Get-Item ./threats.stix.json
} { (Get-Content ./threats.stix.json -TotalCount 1 | ConvertFrom-Json).type -eq 'bundle' }

exit 0
