<#
.SYNOPSIS
    A local store with the threats of the format sheets and generated ones, filled by a sync. Dot-source it in BeforeAll.
#>
. (Join-Path $PSScriptRoot 'Connected.ps1')

# The simulator, what it holds, and the state file; Disconnect-FromSimulator undoes it. The session ends here: nothing below needs it.
function New-Store {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'Fills a folder of the test.')]
    param([string] $Folder, [int] $Count = 40)
    $documents = New-Item -ItemType Directory -Path (Join-Path $Folder 'documents') -Force
    Copy-Item -Path (Join-Path $PSScriptRoot '../PhishMe.Engine.Tests/Rendering/Documents/*_?.json') -Destination $documents
    $simulator = Connect-ToSimulator '--threats', $Count, '--load', $documents.FullName
    $file = Join-Path $Folder 'store.db'
    $threats = @(Sync-PhishMeIntelligence -Since 2010-01-01 -Store $file)
    [pscustomobject]@{ Simulator = $simulator; Path = $file; Threats = $threats }
}
