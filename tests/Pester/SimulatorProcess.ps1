<#
.SYNOPSIS
    Starts and stops the simulator for a test. Dot-source it in BeforeAll.
#>

# A Debug or Release build, whichever is newest.
function Get-SimulatorAssembly {
    $assembly = Get-ChildItem -Path (Join-Path $PSScriptRoot '../PhishMe.Simulator/bin/*/net*/PhishMe.Simulator.dll') -ErrorAction Ignore |
        Sort-Object LastWriteTime -Descending | Select-Object -First 1 -ExpandProperty FullName
    if (-not $assembly) {
        throw 'The simulator is not built. Run: dotnet build tests/PhishMe.Simulator'
    }
    $assembly
}

# Serves on a free port; what it says about itself comes back with the process.
function Start-Simulator {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'Starts a process of the test.')]
    param([string[]] $Argument = @('--threats', '50'))

    $start = [System.Diagnostics.ProcessStartInfo]::new('dotnet')
    foreach ($item in @(Get-SimulatorAssembly) + @('--port', '0') + $Argument) {
        $start.ArgumentList.Add($item)
    }
    $start.RedirectStandardOutput = $true
    $process = [System.Diagnostics.Process]::Start($start)
    $facts = @{}
    while ($facts.Count -lt 4 -and $null -ne ($line = $process.StandardOutput.ReadLine())) {
        if ($line -match '^(\w+) = (.*)$') {
            $facts[$Matches[1]] = $Matches[2]
        }
    }
    if ($facts.Count -lt 4) {
        throw 'The simulator did not start.'
    }
    $secret = [securestring]::new()
    $facts.pass.ToCharArray().ForEach({ $secret.AppendChar($_) })
    [pscustomobject]@{
        Process    = $process
        BaseUri    = $facts.base_url.TrimEnd('/')
        User       = $facts.user
        Pass       = $facts.pass
        Threats    = [int]$facts.threats
        Credential = [pscredential]::new($facts.user, $secret)
    }
}

# Publishes, republishes, withdraws: the calls below /_simulator of its README.
function Invoke-Simulator {
    param($Simulator, [string] $Call)
    $root = ([uri]$Simulator.BaseUri).GetLeftPart('Authority')
    Invoke-RestMethod -Method Post -Uri "$root/_simulator/$Call"
}

function Stop-Simulator {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'Stops a process of the test.')]
    param($Simulator)
    if ($Simulator -and -not $Simulator.Process.HasExited) {
        $Simulator.Process.Kill()
        $Simulator.Process.WaitForExit()
    }
}
