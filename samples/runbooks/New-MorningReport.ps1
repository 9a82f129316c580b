#Requires -Version 7.6
#Requires -Modules PhishMe
<#
.SYNOPSIS
    Writes what was published in the last hours as one HTML page.
.PARAMETER Path
    The append file of the JSON output.
.PARAMETER ReportPath
    The page.
.PARAMETER Hour
    How many hours back.
.EXAMPLE
    ./New-MorningReport.ps1 -Path ./threats.json -ReportPath ./morning.html
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [string] $Path = './threats.json',

    [string] $ReportPath = './morning.html',

    [ValidateRange(1, 8760)]
    [int] $Hour = 24
)

$since = [DateTimeOffset]::UtcNow.AddHours(-$Hour)
$latest = [ordered]@{}
Get-Content -LiteralPath $Path | ConvertFrom-PhishMeJson |
    Where-Object { $_.Withdrawn -or $_.LastPublished -ge $since } |
    ForEach-Object { $latest["$($_.Id)"] = $_ }
$threats = @($latest.Values | Where-Object { -not $_.Withdrawn })

$overview = [pscustomobject]@{
    Since      = $since.ToString('u')
    Malware    = @($threats | Where-Object Type -EQ Malware).Count
    Phish      = @($threats | Where-Object Type -EQ Phish).Count
    Indicators = @($threats.Indicators | Where-Object { -not $_.Corollary }).Count
}
$families = $threats.Families | Group-Object -NoElement | Sort-Object -Property Count -Descending | Select-Object -Property Count, Name
$brands = $threats.Brands | Group-Object -NoElement | Sort-Object -Property Count -Descending | Select-Object -Property Count, Name
$table = $threats | Sort-Object -Property Impact, LastPublished -Descending | Select-Object -Property @(
    'Id', 'Impact', @{ Name = 'Published'; Expression = { '{0:u}' -f $_.LastPublished } }, 'Label'
    @{ Name = 'Families'; Expression = { $_.Families -join ', ' } }
    @{ Name = 'Brands'; Expression = { $_.Brands -join ', ' } }
    @{ Name = 'Indicators'; Expression = { $_.Indicators.Count } }
)

# ConvertTo-Html encodes what the vendor, and through him an attacker, has written into titles.
$body = @(
    '<h1>PhishMe Intelligence</h1>'
    $overview | ConvertTo-Html -Fragment -As List
    '<h2>Families</h2>'
    $families | ConvertTo-Html -Fragment
    '<h2>Brands</h2>'
    $brands | ConvertTo-Html -Fragment
    '<h2>Threats</h2>'
    $table | ConvertTo-Html -Fragment
)
$style = '<style>body { font-family: sans-serif } td, th { padding: 2px 8px; text-align: left } tr:nth-child(even) { background: #eee }</style>'
if ($PSCmdlet.ShouldProcess($ReportPath, 'Write report')) {
    ConvertTo-Html -Title 'PhishMe Intelligence' -Head $style -Body $body | Set-Content -LiteralPath $ReportPath
    Get-Item -LiteralPath $ReportPath
}
