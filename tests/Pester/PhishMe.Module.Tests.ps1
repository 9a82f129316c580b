#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    $modulePath = $env:PHISHME_STAGED_MODULE
    . (Join-Path $PSScriptRoot 'FreshShell.ps1')

    # A fresh process, because this one has loaded and used what the test is about. What it writes to standard output comes back as JSON.
    function Invoke-FreshShell {
        param([string] $Script)
        $prologue = "`$ErrorActionPreference = 'Stop'; `$WarningPreference = 'Ignore'; `$env:PSModulePath = '$env:PSModulePath'; "
        Invoke-Pwsh -NoProfile -NonInteractive -Command ($prologue + $Script) | ConvertFrom-Json
    }
}

Describe 'Importing the module' {
    It 'loads the assemblies of the module and no other' {
        $result = Invoke-FreshShell @'
            # What PowerShell itself loads on the way to its first import is not ours.
            Import-Module Microsoft.PowerShell.Utility, Microsoft.PowerShell.Management
            $null = Get-Command Get-Item; $null = [ordered]@{ a = 1 } | ConvertTo-Json
            $before = [AppDomain]::CurrentDomain.GetAssemblies().ForEach({ $_.GetName().Name })
            Import-Module PhishMe
            $after = [AppDomain]::CurrentDomain.GetAssemblies().Where({ $_.Location -like '*PhishMe*' }).ForEach({ $_.GetName().Name })
            ConvertTo-Json @($after | Where-Object { $_ -notin $before } | Sort-Object)
'@
        $result | Should -BeIn @('PhishMe.Intelligence', 'PhishMe.PowerShell')
        $result | Should -Contain 'PhishMe.PowerShell'
    }

    It 'creates no load context and touches no file' {
        $result = Invoke-FreshShell @'
            $folder = New-Item -ItemType Directory -Path (Join-Path ([IO.Path]::GetTempPath()) ([guid]::NewGuid()))
            Set-Location $folder
            Import-Module PhishMe
            ConvertTo-Json @{
                Contexts = @([System.Runtime.Loader.AssemblyLoadContext]::All.Name | Where-Object { $_ -like '*PhishMe*' })
                Files    = @(Get-ChildItem -Force -Name)
            }
            Set-Location /
            Remove-Item $folder
'@
        $result.Contexts | Should -BeNullOrEmpty
        $result.Files | Should -BeNullOrEmpty
    }

    It 'loads the engine on first use, once, in a context of its own' {
        $result = Invoke-FreshShell @'
            Import-Module PhishMe
            1..3 | ForEach-Object { $null = Test-PhishMeConfiguration -Path (Join-Path $PSHOME 'pwsh.runtimeconfig.json') -ErrorAction Ignore }
            $contexts = @([System.Runtime.Loader.AssemblyLoadContext]::All | Where-Object Name -eq 'PhishMe.Engine')
            ConvertTo-Json @{
                Count  = $contexts.Count
                Engine = @($contexts.Assemblies.ForEach({ $_.GetName().Name }))
                Default = @([System.Runtime.Loader.AssemblyLoadContext]::Default.Assemblies.ForEach({ $_.GetName().Name }) -like 'PhishMe*')
            }
'@
        $result.Count | Should -Be 1
        $result.Engine | Should -Contain 'PhishMe.Engine'
        $result.Engine | Should -Not -Contain 'PhishMe.Intelligence'
        $result.Default | Should -Not -Contain 'PhishMe.Engine'
    }

    It 'finds SQLite, managed and native, in the engine folder' {
        $result = Invoke-FreshShell @'
            Import-Module PhishMe
            $null = Test-PhishMeConfiguration -Path (Join-Path $PSHOME 'pwsh.runtimeconfig.json') -ErrorAction Ignore
            $context = [System.Runtime.Loader.AssemblyLoadContext]::All | Where-Object Name -eq 'PhishMe.Engine'
            $context.LoadFromAssemblyName('SQLitePCLRaw.batteries_v2').GetType('SQLitePCL.Batteries_V2')::Init()
            $raw = $context.LoadFromAssemblyName('SQLitePCLRaw.core').GetType('SQLitePCL.raw')
            ConvertTo-Json @{ Version = $raw::sqlite3_libversion_number() }
'@
        $result.Version | Should -BeGreaterThan 3000000
    }

    It 'works again after Import-Module -Force' {
        $result = Invoke-FreshShell @'
            Import-Module PhishMe
            $null = Test-PhishMeConfiguration -Path (Join-Path $PSHOME 'pwsh.runtimeconfig.json') -ErrorAction Ignore
            Import-Module PhishMe -Force
            $report = Invoke-PhishMeIntegration -ConfigPath ./nowhere.ini -ErrorAction Ignore
            ConvertTo-Json @{ ExitCode = [int]$report.ExitCode; Contexts = @([System.Runtime.Loader.AssemblyLoadContext]::All | Where-Object Name -eq 'PhishMe.Engine').Count }
'@
        $result.ExitCode | Should -Be 10
        $result.Contexts | Should -Be 1
    }

    It 'works in two runspaces at a time' {
        $result = Invoke-FreshShell @'
            $codes = 1..4 | ForEach-Object -ThrottleLimit 4 -Parallel {
                Import-Module PhishMe
                [int](Invoke-PhishMeIntegration -ConfigPath ./nowhere.ini -ErrorAction Ignore).ExitCode
            }
            ConvertTo-Json @{ Codes = @($codes); Contexts = @([System.Runtime.Loader.AssemblyLoadContext]::All | Where-Object Name -eq 'PhishMe.Engine').Count }
'@
        $result.Codes | Should -Be @(10, 10, 10, 10)
        $result.Contexts | Should -Be 1
    }
}

Describe 'The manifest' {
    It 'is valid' {
        { Test-ModuleManifest -Path (Join-Path $modulePath 'PhishMe.psd1') -ErrorAction Stop } | Should -Not -Throw
    }

    It 'has the version of its folder' {
        (Import-PowerShellDataFile (Join-Path $modulePath 'PhishMe.psd1')).ModuleVersion | Should -Be (Split-Path $modulePath -Leaf)
    }

    It 'exports what it names, as cmdlets' {
        Import-Module PhishMe
        $named = (Import-PowerShellDataFile (Join-Path $modulePath 'PhishMe.psd1')).CmdletsToExport
        $exported = Get-Command -Module PhishMe
        $exported.Name | Sort-Object | Should -Be ($named | Sort-Object)
        $exported.CommandType | Should -BeExactly (@('Cmdlet') * $named.Count)
    }

    It 'lets a command be found without importing the module first' {
        $result = Invoke-FreshShell 'ConvertTo-Json @{ Module = (Get-Command Invoke-PhishMeInt*).Source; Imported = [bool](Get-Module PhishMe) }'
        $result.Module | Should -Be 'PhishMe'
        $result.Imported | Should -BeFalse
    }
}
