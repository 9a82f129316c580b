# What an administrator writes without the module: a page at a time, and a file per threat.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSAvoidUsingPlainTextForPassword', '', Justification = 'The API is the simulator on loopback.')]
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSAvoidUsingAllowUnencryptedAuthentication', '', Justification = 'The API is the simulator on loopback.')]
param([string] $BaseUrl, [string] $User, [string] $Password, [string] $Folder)
$ErrorActionPreference = 'Stop'
$credential = [pscredential]::new($User, [Net.NetworkCredential]::new($User, $Password).SecurePassword)
$null = New-Item -ItemType Directory -Path $Folder -Force
$end = [DateTimeOffset]::UtcNow.ToUnixTimeSeconds()
$pages = 1
for ($page = 0; $page -lt $pages; $page++) {
    $uri = "$BaseUrl/threat/search?threatType=all&beginTimestamp=1735689600&endTimestamp=$end&resultsPerPage=100&page=$page"
    $answer = Invoke-RestMethod -Uri $uri -Method Post -Authentication Basic -Credential $credential -AllowUnencryptedAuthentication
    $pages = $answer.data.page.totalPages
    foreach ($threat in $answer.data.threats) {
        $threat | ConvertTo-Json -Depth 100 | Set-Content -Path (Join-Path -Path $Folder -ChildPath "$($threat.threatType)_$($threat.id).json")
    }
}
