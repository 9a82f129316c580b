<#
.SYNOPSIS
    Another pwsh, the same as this one. Dot-source it where a script or a test needs a process of its own.
#>

# The program and its first arguments: pwsh itself, or dotnet with pwsh.dll where PowerShell was restored as a package.
function Get-PwshCommand {
    $program = [Environment]::ProcessPath
    if ([IO.Path]::GetFileNameWithoutExtension($program) -eq 'dotnet') {
        $program, 'exec', (Join-Path $PSHOME 'pwsh.dll')
    }
    else {
        , $program
    }
}

# pwsh with the arguments of the call, and what comes through the pipeline as its standard input. Its exit code is in $LASTEXITCODE.
function Invoke-Pwsh {
    $program, $first = Get-PwshCommand
    if ($MyInvocation.ExpectingInput) {
        $input | & $program @first @args
    }
    else {
        & $program @first @args
    }
}
