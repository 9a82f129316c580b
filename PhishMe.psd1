@{
    RootModule           = 'PhishMe.PowerShell.dll'
    ModuleVersion        = '1.0.0'
    GUID                 = '9815b9e4-3511-44cc-8d74-b00b88d8cd74'
    Author               = 'The PhishMe for PowerShell contributors'
    CompanyName          = 'The PhishMe for PowerShell contributors'
    Copyright            = 'Copyright (c) The PhishMe for PowerShell contributors. MIT licence.'
    Description          = 'Keeps the tools of a security operations centre in step with PhishMe (Cofense) Intelligence: unattended from one config.ini, or in the shell and in pipelines.'

    # 7.6 LTS on .NET 10: the engine needs a load context and a shared framework that older lines do not have.
    PowerShellVersion    = '7.6'
    CompatiblePSEditions = @('Core')

    # Named one by one: a wildcard would make PowerShell load the module to find out what it exports.
    CmdletsToExport      = @(
        'Connect-PhishMe'
        'ConvertFrom-PhishMeJson'
        'ConvertTo-PhishMeCef'
        'ConvertTo-PhishMeJson'
        'ConvertTo-PhishMeMisp'
        'ConvertTo-PhishMeStix'
        'Disconnect-PhishMe'
        'Export-PhishMeCef'
        'Export-PhishMeIndicatorList'
        'Export-PhishMeJson'
        'Export-PhishMeMisp'
        'Export-PhishMeStix'
        'Find-PhishMeIndicator'
        'Get-PhishMeDeadLetter'
        'Get-PhishMeIndicator'
        'Get-PhishMePosition'
        'Get-PhishMeReport'
        'Get-PhishMeRun'
        'Get-PhishMeStatistics'
        'Get-PhishMeThreat'
        'Invoke-PhishMeIntegration'
        'New-PhishMeConfiguration'
        'Register-PhishMeSchedule'
        'Send-PhishMeSyslog'
        'Set-PhishMePosition'
        'Sync-PhishMeIntelligence'
        'Test-PhishMeConfiguration'
        'Test-PhishMeConnection'
    )
    FunctionsToExport    = @()
    AliasesToExport      = @()
    VariablesToExport    = @()

    FormatsToProcess     = @('PhishMe.Format.ps1xml')

    PrivateData          = @{
        PSData = @{
            Tags                     = @(
                'PhishMe', 'Cofense', 'ThreatIntelligence', 'Phishing', 'CEF', 'STIX', 'SIEM', 'SOC'
                'PSEdition_Core', 'Windows', 'Linux', 'MacOS'
            )
            LicenseUri               = 'https://opensource.org/license/mit'
            ReleaseNotes             = 'See CHANGELOG.md of the project.'
            RequireLicenseAcceptance = $false
        }
    }
}
