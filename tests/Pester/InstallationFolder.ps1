<#
.SYNOPSIS
    A folder as an installation leaves it: config.ini against the simulator, one run done, threats.json and the local store with everything
    received, and proxy.log, in which a host of a threat was visited.
#>

function New-Installation {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'Fills a folder of the test.')]
    param([string] $Path, $Simulator, [int] $SyslogPort = 514)
    $null = New-Item -ItemType Directory -Path $Path -Force
    $configuration = Join-Path $Path 'config.ini'
    $null = New-PhishMeConfiguration -ConfigPath $configuration -Credential $Simulator.Credential -BaseUri $Simulator.BaseUri -StartDate '2025-01-01' -Force -Setting @{
        'local_sqlite.use'                          = 'True'
        'integration_raw_json.append_file_use'      = 'True'
        'integration_raw_json.append_file_location' = 'threats.json'
    }
    $summary = Invoke-PhishMeIntegration -ConfigPath $configuration
    if ($summary.ExitCode -ne 'Done') {
        throw "The first run ended with $($summary.ExitCode)."
    }
    $host1 = (Get-Content -LiteralPath (Join-Path $Path 'threats.json') | ConvertFrom-PhishMeJson | Get-PhishMeIndicator -Kind Domain -Impact Major | Select-Object -First 1).NormalizedValue
    Set-Content -LiteralPath (Join-Path $Path 'proxy.log') -Value '10.1.2.3 GET http://intranet.invalid/ 200', "10.1.2.4 GET http://$host1/gate.php?id=1 200"
    # Syslog only now: the run would send everything to a collector that may not be there.
    $text = Get-Content -LiteralPath $configuration -Raw
    $text = $text -replace '(?m)^syslog_use = .*$', 'syslog_use = True' -replace '(?m)^syslog_host =.*$', 'syslog_host = 127.0.0.1' -replace '(?m)^syslog_port =.*$', "syslog_port = $SyslogPort"
    if ($SyslogPort -ne 514) {
        $section = [regex]::new('(?s)(\[integration_raw_cef\].*?\nuse = )False')
        $text = $section.Replace($text, '${1}True', 1)
        $text = [regex]::new('(?s)(\[pm_format\].*?\ncef = )False').Replace($text, '${1}True', 1)
        Set-Content -LiteralPath $configuration -Value $text -NoNewline
    }
    $configuration
}
