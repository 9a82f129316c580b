#Requires -Version 7.6
#Requires -Modules PhishMe
<#
.SYNOPSIS
    Pushes threats of at least some impact to a syslog collector, such as a second SIEM that the integration does not serve.
.PARAMETER ComputerName
    The collector.
.PARAMETER Port
    Its port.
.PARAMETER Path
    The append file of the JSON output.
.PARAMETER Since
    Only threats published at or after this time.
.PARAMETER MinimumImpact
    The lowest impact.
.EXAMPLE
    ./Send-Threat.ps1 -ComputerName siem.example.com -Port 514 -Since (Get-Date).AddHours(-1)
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory, Position = 0)]
    [string] $ComputerName,

    [ValidateRange(1, 65535)]
    [int] $Port = 514,

    [string] $Path = './threats.json',

    [DateTimeOffset] $Since = [DateTimeOffset]::UtcNow.AddDays(-1),

    [ValidateSet('None', 'Minor', 'Moderate', 'Major')]
    [string] $MinimumImpact = 'Moderate'
)

Get-Content -LiteralPath $Path | ConvertFrom-PhishMeJson |
    Where-Object { $_.Withdrawn -or ($_.LastPublished -ge $Since -and $_.Impact -ge $MinimumImpact) } |
    Send-PhishMeSyslog -ComputerName $ComputerName -Port $Port -Transport Tcp
