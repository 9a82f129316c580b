#Requires -Version 7.6
<#
.SYNOPSIS
    Runs the Pester suite on the staged module in a child pwsh that knows no other module of the user.
.DESCRIPTION
    Closes with a line "Pester: N passed, N failed, N skipped". Exit code 0 only when tests ran and none failed.
.PARAMETER ModulePath
    The staged module: the folder that holds PhishMe.psd1. Default: the one version below out/PhishMe.
.PARAMETER TestPath
    Test files or folders. Default: this folder.
.PARAMETER TestName
    Run only tests whose full name matches one of these wildcards.
.PARAMETER PesterPath
    The manifest of Pester. Default: the newest Pester 5 that is installed.
.PARAMETER ResultPath
    A file that receives each test as JSON: name, result, message, duration.
.PARAMETER Child
    This process is the child: it was started for this suite.
.EXAMPLE
    ./tests/Pester/Invoke-Suite.ps1
#>
[CmdletBinding()]
param(
    [string] $ModulePath,
    [string[]] $TestPath = $PSScriptRoot,
    [string[]] $TestName,
    [string] $PesterPath,
    [string] $ResultPath,
    [switch] $Child
)

$ErrorActionPreference = 'Stop'
. (Join-Path $PSScriptRoot 'FreshShell.ps1')
if (-not $ModulePath) {
    $ModulePath = Join-Path $PSScriptRoot '../../out/PhishMe/*' -Resolve | Select-Object -Last 1
    if (-not $ModulePath) {
        throw "Stage the module first: dotnet build src/PhishMe.PowerShell -t:StageModule -c Release"
    }
}
$ModulePath = (Resolve-Path -LiteralPath $ModulePath).ProviderPath

if (-not $Child) {
    $arguments = @(
        '-NoProfile', '-NonInteractive', '-File', $PSCommandPath
        '-ModulePath', $ModulePath
        '-TestPath', ($TestPath -join [IO.Path]::PathSeparator)
        if ($TestName) { '-TestName', ($TestName -join [IO.Path]::PathSeparator) }
        if ($PesterPath) { '-PesterPath', $PesterPath }
        if ($ResultPath) { '-ResultPath', $ResultPath }
        '-Child'
    )
    Invoke-Pwsh @arguments
    exit $LASTEXITCODE
}

$TestPath = $TestPath.Split([IO.Path]::PathSeparator)
if (-not $PesterPath) {
    $PesterPath = Get-Module -Name Pester -ListAvailable | Where-Object { $_.Version.Major -eq 5 } | Sort-Object Version -Descending |
        Select-Object -First 1 -ExpandProperty Path
    if (-not $PesterPath) {
        throw 'Pester 5 is not installed. Run the suite with: dotnet test tests/PhishMe.Pester.Tests'
    }
}
Import-Module $PesterPath

# The staged module and what PowerShell itself brings; nothing of the user, nothing of the machine.
$env:PSModulePath = @(
    Split-Path (Split-Path $ModulePath)
    Join-Path $PSHOME 'Modules'
) -join [IO.Path]::PathSeparator
$env:PHISHME_STAGED_MODULE = $ModulePath

$configuration = New-PesterConfiguration
$configuration.Run.Path = $TestPath
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Detailed'
$configuration.Output.RenderMode = 'Plaintext'
if ($TestName) {
    $configuration.Filter.FullName = $TestName.Split([IO.Path]::PathSeparator)
}
$result = Invoke-Pester -Configuration $configuration

if ($ResultPath) {
    function Format-Failure {
        param($Item)
        @($Item.ErrorRecord).Where({ $_ }).ForEach({ "$($_.DisplayErrorMessage ?? $_)`n$($_.DisplayStackTrace ?? $_.ScriptStackTrace)" }) -join "`n"
    }
    $records = @(
        foreach ($test in $result.Tests) {
            if ($test.Result -ne 'NotRun') {
                @{ Name = $test.ExpandedPath; Result = "$($test.Result)"; Message = Format-Failure $test; Seconds = $test.Duration.TotalSeconds }
            }
        }
        foreach ($block in $result.FailedBlocks) {
            @{ Name = "$($block.ExpandedPath) (BeforeAll or AfterAll)"; Result = 'Failed'; Message = Format-Failure $block; Seconds = 0 }
        }
        foreach ($container in $result.FailedContainers) {
            @{ Name = "$($container.Item)"; Result = 'Failed'; Message = Format-Failure $container; Seconds = 0 }
        }
    )
    ConvertTo-Json -InputObject $records | Set-Content -LiteralPath $ResultPath
}

# A container or block that failed outside a test counts too.
$failed = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
'Pester: {0} passed, {1} failed, {2} skipped' -f $result.PassedCount, $failed, ($result.SkippedCount + $result.InconclusiveCount)
exit [int]($failed -gt 0 -or $result.PassedCount -eq 0)
