#Requires -Version 7.6
#Requires -Modules PhishMe
<#
.SYNOPSIS
    Hunts indicators in what the integration has written: which threats know them, since when, and how bad they are.
.PARAMETER Indicator
    Addresses, domains, URLs, hashes, e-mail addresses; defanged ones such as hxxp://a[.]b too. A domain also finds the URLs on it.
.PARAMETER Path
    The append file of the JSON output.
.EXAMPLE
    ./Find-Indicator.ps1 -Indicator 'login[.]example[.]net' -Path ./threats.json
.EXAMPLE
    Get-Content ./iocs.txt | ./Find-Indicator.ps1 | Export-Csv ./hits.csv
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory, Position = 0, ValueFromPipeline)]
    [string[]] $Indicator,

    [string] $Path = './threats.json'
)

begin {
    $wanted = [System.Collections.Generic.HashSet[string]]::new([StringComparer]::OrdinalIgnoreCase)
}

process {
    foreach ($value in $Indicator) {
        $plain = [PhishMe.Intelligence.Defanged]::Refang($value.Trim())
        if ($plain) {
            $null = $wanted.Add($plain)
        }
    }
}

end {
    # The newest version of a threat is the last one in the file.
    $latest = [ordered]@{}
    Get-Content -LiteralPath $Path | ConvertFrom-PhishMeJson | ForEach-Object { $latest["$($_.Id)"] = $_ }

    foreach ($threat in $latest.Values | Where-Object { -not $_.Withdrawn }) {
        foreach ($found in $threat.Indicators) {
            $hit = $wanted.Contains($found.Value) -or ($found.NormalizedValue -and $wanted.Contains($found.NormalizedValue))
            if (-not $hit -and $found.Kind -eq 'Url' -and ($uri = $found.Value -as [uri]) -and $uri.IsAbsoluteUri) {
                $hit = $wanted.Contains($uri.Host)
            }
            if ($hit) {
                [pscustomobject]@{
                    Indicator = $found.Value
                    Kind      = $found.Kind
                    Impact    = $found.Impact
                    Role      = $found.Role
                    Corollary = $found.Corollary
                    Threat    = $threat.Id
                    Label     = $threat.Label
                    Published = $threat.LastPublished
                    Detail    = $threat.ThreatDetailUri
                }
            }
        }
    }
}
