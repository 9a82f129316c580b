<#
.SYNOPSIS
    Shows a command as one would type it, runs it, shows its output, and checks that it did what it says. Dot-sourced by Tour.ps1.
.PARAMETER Title
    What the command does, in a sentence.
.PARAMETER Command
    The command.
.PARAMETER Check
    Gets the output of the command as $args; false or nothing ends the tour with exit code 1.
#>
function Step {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSAvoidUsingWriteHost', '', Justification = 'The tour is shown to a person, in colors.')]
    param([string] $Title, [scriptblock] $Command, [scriptblock] $Check)

    $lines = @($Command.ToString().Trim() -split '\r?\n').ForEach({ $_ -replace '^ {4}' })
    Write-Host "`n# $Title" -ForegroundColor Green
    Write-Host ('PS> ' + ($lines -join "`n>> ")) -ForegroundColor Cyan
    try {
        . $Command | Tee-Object -Variable output | Out-Host
        if (& $Check @output) {
            return
        }
        Write-Host 'This step did not do what it says.' -ForegroundColor Red
    }
    catch {
        Write-Host "This step failed: $_" -ForegroundColor Red
    }
    exit 1
}
