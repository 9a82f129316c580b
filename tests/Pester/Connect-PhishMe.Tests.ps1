#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    . (Join-Path $PSScriptRoot 'Connected.ps1')
    $simulator = Connect-ToSimulator
    Disconnect-PhishMe
    $good = @{ Credential = $simulator.Credential; BaseUri = $simulator.BaseUri }
}

AfterAll {
    Disconnect-FromSimulator $simulator
}

Describe 'Connect-PhishMe' {
    AfterEach {
        Disconnect-PhishMe -ErrorAction Ignore
    }

    It 'takes a credential, probes the feeds and says nothing' {
        $null = Invoke-Simulator $simulator 'clear'
        Connect-PhishMe @good | Should -BeNullOrEmpty
        Get-RequestCount $simulator 'feed' | Should -Be 1
        Get-PhishMeThreat -First 1 | Should -HaveCount 1
    }

    It 'emits the session with -PassThru: where it leads, no secret' {
        $session = Connect-PhishMe @good -PassThru
        $session | Should -BeOfType PhishMe.PowerShell.PhishMeSession
        $session.BaseUri | Should -Be $simulator.BaseUri
        $session.Feeds.Name | Should -Contain 'Cofense'
        $session.IsConnected | Should -BeTrue
        $text = $session | Format-List * -Force | Out-String
        $text | Should -Not -Match ([regex]::Escape($simulator.Pass))
        $text | Should -Not -Match ([regex]::Escape($simulator.User))
    }

    It 'takes everything from a config.ini' {
        $path = Join-Path $TestDrive 'config.ini'
        Save-Configuration $simulator $path
        $session = Connect-PhishMe -ConfigPath $path -PassThru
        $session.ConfigurationPath | Should -Be $path
        $session.BaseUri | Should -Be $simulator.BaseUri
    }

    It 'resolves secret:NAME of a config.ini through SecretManagement' {
        $modules = New-Item -ItemType Directory -Path (Join-Path $TestDrive 'modules/Microsoft.PowerShell.SecretManagement') -Force
        Set-Content -Path (Join-Path $modules 'Microsoft.PowerShell.SecretManagement.psm1') -Value @"
function Get-Secret { param(`$Name, `$Vault, [switch] `$AsPlainText)
    if (`$AsPlainText) { return '$($simulator.Pass)' }
    if (`$Name -eq 'text') { return 'just text' }
    if (`$Name -eq 'locked') { throw 'The vault is locked.' }
    if (`$Name -eq 'none') { return }
    if (`$Vault -and `$Vault -ne 'work') { throw 'There is no such vault.' }
    [pscredential]::new('$($simulator.User)', (ConvertTo-SecureString '$($simulator.Pass)' -AsPlainText -Force))
}
"@
        Import-Module $modules.FullName
        $path = Join-Path $TestDrive 'secret.ini'
        Save-Configuration $simulator $path @{ pass = 'secret:token' }
        (Connect-PhishMe -ConfigPath $path -PassThru).IsConnected | Should -BeTrue
    }

    It 'takes a credential of a vault' {
        (Connect-PhishMe -SecretName token -BaseUri $simulator.BaseUri -PassThru).IsConnected | Should -BeTrue
        (Connect-PhishMe -SecretName token -Vault work -BaseUri $simulator.BaseUri -PassThru).IsConnected | Should -BeTrue
    }

    It 'says what is wrong with a secret: <_>' -ForEach 'text', 'locked', 'none' {
        $name = $_
        { Connect-PhishMe -SecretName $name -BaseUri $simulator.BaseUri } | Should -Throw -ErrorId 'SecretUnavailable,*'
    }

    It 'says that SecretManagement is missing' {
        Remove-Module Microsoft.PowerShell.SecretManagement
        { Connect-PhishMe -SecretName token -BaseUri $simulator.BaseUri } | Should -Throw -ErrorId 'SecretUnavailable,*'
    }

    It 'ends with an error when the credentials are refused, and keeps no session' {
        $wrong = [pscredential]::new('nobody', [System.Net.NetworkCredential]::new('', 'wrong').SecurePassword)
        try { Connect-PhishMe -Credential $wrong -BaseUri $simulator.BaseUri } catch { $failure = $_ }
        Assert-ErrorIsComplete $failure 'CredentialsRefused' 'AuthenticationError'
        { Test-PhishMeConnection } | Should -Throw -ErrorId 'NotConnected,*'
    }

    It 'ends with an error for an invalid address: <_>' -ForEach 'threathq.com/apiv1', 'ftp://127.0.0.1/', 'https://user:word@127.0.0.1/' {
        $address = $_
        { Connect-PhishMe -Credential $simulator.Credential -BaseUri $address } | Should -Throw -ErrorId 'AddressInvalid,*'
    }

    It 'ends with an error when the proxy is down' {
        $path = Join-Path $TestDrive 'proxy.ini'
        Save-Configuration $simulator $path -More '[local_proxy]', 'use = True', 'http = http://127.0.0.1:9', 'https = http://127.0.0.1:9'
        try { Connect-PhishMe -ConfigPath $path -WarningAction Ignore } catch { $failure = $_ }
        Assert-ErrorIsComplete $failure 'ApiUnreachable' 'ConnectionError'
    }

    It 'sends what it has to say to the proxy it was given' {
        # The simulator stands in for the proxy: a request for another host arrives there.
        $null = Invoke-Simulator $simulator 'clear'
        $proxy = ([uri]$simulator.BaseUri).GetLeftPart('Authority')
        $session = Connect-PhishMe -Credential $simulator.Credential -BaseUri 'http://api.invalid/apiv1' -Proxy $proxy -ProxyCredential $simulator.Credential -PassThru
        $session.Proxy | Should -Be "$proxy/"
        Get-RequestCount $simulator 'feed' | Should -Be 1
    }

    It 'ends with an error for a configuration that does not exist' {
        { Connect-PhishMe -ConfigPath (Join-Path $TestDrive 'nowhere.ini') } | Should -Throw -ErrorId 'ConfigurationNotFound,*'
    }

    It 'warns of a certificate that is not verified' {
        $null = Connect-PhishMe @good -SkipCertificateCheck -WarningVariable warning -WarningAction SilentlyContinue
        $warning | Should -Match 'not verified'
    }
}

Describe 'Sessions' {
    AfterEach {
        Disconnect-PhishMe -ErrorAction Ignore
    }

    It 'are required by <Name>' -ForEach @(
        @{ Name = 'Get-PhishMeThreat'; Command = { Get-PhishMeThreat -First 1 } }
        @{ Name = 'Get-PhishMeThreat by id'; Command = { Get-PhishMeThreat -Id m_1 } }
        @{ Name = 'Get-PhishMeIndicator'; Command = { Get-PhishMeIndicator -Id m_1 } }
        @{ Name = 'Get-PhishMeReport'; Command = { Get-PhishMeReport -Id m_1 } }
        @{ Name = 'Sync-PhishMeIntelligence'; Command = { Sync-PhishMeIntelligence } }
        @{ Name = 'Test-PhishMeConnection'; Command = { Test-PhishMeConnection } }
        @{ Name = 'Disconnect-PhishMe'; Command = { Disconnect-PhishMe -ErrorAction Stop } }
    ) {
        try { & $Command } catch { $failure = $_ }
        Assert-ErrorIsComplete $failure 'NotConnected' 'ConnectionError'
        $failure.ErrorDetails.RecommendedAction | Should -Match 'Connect-PhishMe'
    }

    It 'belong to their runspace, and may be handed to others' {
        $session = Connect-PhishMe @good -PassThru
        $answers = 1..4 | ForEach-Object -ThrottleLimit 4 -Parallel {
            Import-Module PhishMe
            $own = try { Get-PhishMeThreat -First 1 } catch { $_.FullyQualifiedErrorId -replace ',.*' }
            [pscustomobject]@{ Own = $own; Given = (Get-PhishMeThreat -Id m_500000 -Session $using:session).Id.ToString() }
        }
        $answers.Own | Should -Be @('NotConnected', 'NotConnected', 'NotConnected', 'NotConnected')
        $answers.Given | Should -Be @('m_500000', 'm_500000', 'm_500000', 'm_500000')
    }

    It 'end with Disconnect-PhishMe, for everyone who holds them' {
        $session = Connect-PhishMe @good -PassThru
        Disconnect-PhishMe | Should -BeNullOrEmpty
        $session.IsConnected | Should -BeFalse
        { Get-PhishMeThreat -First 1 -Session $session } | Should -Throw -ErrorId 'NotConnected,*'
    }

    It 'that do not exist are reported without ending the script' {
        Disconnect-PhishMe -ErrorVariable failures -ErrorAction SilentlyContinue
        Assert-ErrorIsComplete $failures[0] 'NotConnected' 'ConnectionError'
    }

    It 'may be ended one by one while another one stays' {
        $first = Connect-PhishMe @good -PassThru
        $second = Connect-PhishMe @good -PassThru
        Disconnect-PhishMe -Session $first
        $second.IsConnected | Should -BeTrue
        Get-PhishMeThreat -First 1 | Should -HaveCount 1
    }

    It 'show where they lead' {
        $text = Connect-PhishMe @good -PassThru | Out-String
        $text | Should -Match 'BaseUri\s+: http://127\.0\.0\.1'
        $text | Should -Match 'Feeds\s+: Cofense'
    }
}

Describe 'Test-PhishMeConnection' {
    BeforeEach {
        $path = Join-Path $TestDrive 'once.ini'
        Save-Configuration $simulator $path
        Connect-PhishMe -ConfigPath $path
    }

    AfterEach {
        $null = Invoke-Simulator $simulator 'clear-faults'
        Disconnect-PhishMe -ErrorAction Ignore
    }

    It 'says that all is well' {
        $results = Test-PhishMeConnection
        $results.Subject | Should -Be @('API', 'Credentials', 'Clock')
        $results.Outcome | Should -Be @('Pass', 'Pass', 'Pass')
        Test-PhishMeConnection -Quiet | Should -BeTrue
    }

    It 'reports refused credentials as a result' {
        Add-SimulatorFault $simulator @{ route = 'feed'; kind = 'Unauthorized401'; count = -1 }
        (Test-PhishMeConnection | Where-Object Subject -EQ 'Credentials').Outcome | Should -Be 'Fail'
        Test-PhishMeConnection -Quiet | Should -BeFalse
    }

    It 'reports an API that fails as a result' {
        Add-SimulatorFault $simulator @{ route = 'feed'; kind = 'ServerError500'; count = -1 }
        (Test-PhishMeConnection).Outcome | Should -Be 'Fail'
        Test-PhishMeConnection -Quiet | Should -BeFalse
    }
}
