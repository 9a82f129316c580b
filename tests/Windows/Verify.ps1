<#
.SYNOPSIS
Tries on a real Windows what was only seen under Wine or written after the documentation; see docs/windows.md.
.DESCRIPTION
Prints PASS, FAIL or SKIP for each point, and a line with the sum. Takes about ten minutes at most. Works in a folder of its own below TEMP and
removes it. Registers one scheduled task, PhishMeVerify, and removes it. Needs no access to the API: a small server of its own answers on loopback.
.PARAMETER ProgramPath
phishme.exe.
.PARAMETER ModulePath
PhishMe.psd1 of the staged or installed module; without it the cmdlets are skipped.
.PARAMETER KeepFiles
Leaves the folder, for a report.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $ProgramPath,

    [string] $ModulePath,

    [switch] $KeepFiles
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$ProgramPath = (Resolve-Path -LiteralPath $ProgramPath).ProviderPath
$script:counts = @{ PASS = 0; FAIL = 0; SKIP = 0 }
$script:folder = Join-Path ([IO.Path]::GetTempPath()) "phishme-verify-$([guid]::NewGuid().ToString('N').Substring(0, 8))"
$null = New-Item -ItemType Directory -Path $script:folder

function Write-Outcome([string] $Outcome, [string] $Name, [string] $Detail) {
    $script:counts[$Outcome]++
    Write-Output ("{0} {1}{2}" -f $Outcome, $Name, $(if ($Detail) { ": $Detail" }))
}

# Under Wine this runs, too. Points that need what Wine does not have name it, and are skipped there.
$script:isWine = Test-Path -LiteralPath 'HKCU:\Software\Wine'

# A point passes when its script returns true; what it throws is the reason of the failure. 'skip: ...' is a point that cannot be tried here.
function Test-Point([string] $Name, [scriptblock] $Script, [string] $Needs) {
    if ($Needs -and $script:isWine) {
        Write-Outcome -Outcome SKIP -Name $Name -Detail "Wine has no $Needs"
        return
    }

    try {
        $result = & $Script
        if ($result -is [string] -and $result.StartsWith('skip: ')) { Write-Outcome -Outcome SKIP -Name $Name -Detail $result.Substring(6) }
        elseif ($result -eq $true) { Write-Outcome -Outcome PASS -Name $Name }
        else { Write-Outcome -Outcome FAIL -Name $Name -Detail "$result" }
    }
    catch { Write-Outcome -Outcome FAIL -Name $Name -Detail $_.Exception.Message }
}

$cmd = Join-Path ([Environment]::SystemDirectory) 'cmd.exe'

# The API in a few lines, over a plain socket: HttpListener would need an administrator. Two threats, and a changelog that names the first of them
# whenever the revision has changed.
$server = {
    param($Listener, $Shared)
    function Get-Threat([int] $Id) {
        '{{"id":{0},"threatType":"MALWARE","label":"Verify {0}","firstPublished":1735689600000,"lastPublished":{1},"blockSet":[{{"impact":"Major","blockType":"Domain Name","data":"verify{0}.example","data_1":{{"host":"verify{0}.example"}},"role":"Payload","roleDescription":""}}],"domainSet":[],"executableSet":[],"senderEmailSet":[],"senderIpSet":[],"senderNameSet":[],"spamUrlSet":[],"subjectSet":[],"campaignBrandSet":[],"malwareFamilySet":[],"extractedStringSet":[],"hasReport":false,"executiveSummary":"revision {2}"}}' -f $Id, (1735689600000 + 1000 * $Shared.Revision), $Shared.Revision
    }
    while ($true) {
        try { $client = $Listener.AcceptTcpClient() } catch { break }
        try {
            $stream = $client.GetStream()
            $reader = [IO.StreamReader]::new($stream, [Text.Encoding]::Latin1)
            $target = "$($reader.ReadLine())".Split(' ')[1]
            $length = 0
            while ($line = $reader.ReadLine()) {
                if ($line -match '^content-length: *(\d+)') { $length = [int] $Matches[1] }
            }
            $form = [char[]]::new($length)
            $read = 0
            while ($read -lt $length) { $read += $reader.Read($form, $read, $length - $read) }
            $parameters = [Uri]::UnescapeDataString($target.Split('?', 2)[1] + '&' + [string]::new($form))
            if ($target -like '*/threat/search*') {
                $ids = @([regex]::Matches($parameters, 'threatId=\D*(\d+)').ForEach({ [int] $_.Groups[1].Value }))
                if ($ids.Count -eq 0) { $ids = 1, 2 }
                $threats = ($ids | ForEach-Object { Get-Threat $_ }) -join ','
                $body = '{{"success":true,"data":{{"page":{{"currentPage":0,"currentElements":{0},"totalPages":1,"totalElements":{0}}},"threats":[{1}]}}}}' -f $ids.Count, $threats
            }
            elseif ($target -like '*/threat/updates*') {
                $next = '{0:x8}-0000-0000-0000-000000000000' -f $Shared.Revision
                $given = [regex]::Match($parameters, 'position=([^&]*)').Groups[1].Value
                $changes = if ($given -and $given -ne $next) { '{"threatId":1,"threatType":"malware","deleted":false,"occurredOn":1735689600}' } else { '' }
                $body = '{{"success":true,"data":{{"nextPosition":"{0}","changelog":[{1}]}}}}' -f $next, $changes
            }
            else { $body = '{"success":true,"data":{"feeds":[]}}' }
            $bytes = [Text.Encoding]::UTF8.GetBytes($body)
            $head = [Text.Encoding]::ASCII.GetBytes("HTTP/1.1 200 OK`r`nContent-Type: application/json`r`nContent-Length: $($bytes.Length)`r`nConnection: close`r`n`r`n")
            $stream.Write($head, 0, $head.Length)
            $stream.Write($bytes, 0, $bytes.Length)
        }
        catch { $Shared.Failure = "$_" } # A client that was killed; the points that need the answer say so themselves.
        finally { $client.Dispose() }
    }
}

$listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
$listener.Start()
$port = $listener.LocalEndpoint.Port
$shared = [hashtable]::Synchronized(@{ Revision = 1; Failure = $null })
$worker = [powershell]::Create().AddScript($server).AddArgument($listener).AddArgument($shared)
$null = $worker.BeginInvoke()

function Initialize-Site([string] $Name, [string] $Root = (Join-Path $script:folder $Name), [string] $Extra = '', [string] $Log = '') {
    $place = Join-Path $script:folder $Name
    $null = New-Item -ItemType Directory -Path $place -Force
    $null = New-Item -ItemType Directory -Path $Root -Force
    $file = Join-Path $place 'config.ini'
    $text = @"
[pm_api]
base_url = http://127.0.0.1:$port/apiv1
user = $('u' * 32)
pass = $('p' * 32)
init_date = 2025-01-01
position =
expired_threat_days = 3650
[pm_product]
intelligence = True
[pm_format]
json = True
[integration_raw_json]
use = True
append_file_use = True
append_file_location = $(Join-Path $Root 'all.json')
multiple_file_use = True
multiple_file_location = $(Join-Path $Root 'json')
[local_log]
$Log
$Extra
"@
    [IO.File]::WriteAllText($file, $text)
    $file
}

function Invoke-Program([string[]] $Arguments) {
    $script:said = & $ProgramPath @Arguments 2>&1 | Out-String
    $LASTEXITCODE
}

function Sync([string] $File, [int] $Expected) {
    $code = Invoke-Program @('sync', '-conf', $File, '--json')
    if ($code -ne $Expected) { throw "exit code $code instead of ${Expected}: $($script:said.Trim())" }
}

try {
    $config = Initialize-Site 'plain'
    $root = Split-Path $config
    $threat = Join-Path $root 'json\m_1.json'
    $find = { Get-ChildItem (Join-Path $root 'json') -Filter m_1.json -Recurse | Select-Object -First 1 -ExpandProperty FullName }

    Test-Point 'A first run' { Sync $config 0; $true }
    $threat = & $find

    Test-Point 'A per-threat file in a reader that shares deletion is replaced at once (FileRenameInfoEx)' {
        $reader = [IO.File]::Open($threat, 'Open', 'Read', 'ReadWrite,Delete')
        try { $shared.Revision++; Sync $config 0; (Get-Content -Raw -LiteralPath $threat) -match "revision $($shared.Revision)" }
        finally { $reader.Dispose() }
    } -Needs 'FileRenameInfoEx'

    Test-Point 'A per-threat file in a reader that does not is set aside (15), and the run goes on' {
        $reader = [IO.File]::Open($threat, 'Open', 'Read', 'Read')
        try { $shared.Revision++; Sync $config 15 } finally { $reader.Dispose() }
        $who = [regex]::Match($script:said, 'Open in [^.]*')
        Write-Information "     Restart Manager: $(if ($who.Success) { $who.Value } else { 'said nothing' })" -InformationAction Continue
        Sync $config 0
        (Get-Content -Raw -LiteralPath $threat) -match "revision $($shared.Revision)"
    }

    Test-Point 'The Restart Manager names this process' {
        $reader = [IO.File]::Open($threat, 'Open', 'Read', 'Read')
        try { $shared.Revision++; Sync $config 15; $script:said -match "process $PID" } finally { $reader.Dispose() }
    } -Needs 'Restart Manager'
    Test-Point 'Let go, the next run makes up for it' { Sync $config 0; $true }

    Test-Point 'config.ini in an editor that shares nothing but reading is a warning' {
        $editor = [IO.File]::Open($config, 'Open', 'Read', 'Read')
        try { $shared.Revision++; Sync $config 0 } finally { $editor.Dispose() }
        $script:said -match 'could not be written to the configuration file'
    }
    Test-Point 'A read-only config.ini is a warning' {
        Set-ItemProperty -LiteralPath $config -Name IsReadOnly -Value $true
        try { $shared.Revision++; Sync $config 0 } finally { Set-ItemProperty -LiteralPath $config -Name IsReadOnly -Value $false }
        Sync $config 0
        $true
    }
    Test-Point 'config.ini keeps its access list when the position is written' {
        $before = (Get-Acl -LiteralPath $config).Sddl
        $shared.Revision++
        Sync $config 0
        $after = (Get-Acl -LiteralPath $config).Sddl
        if ($before -eq $after) { $true } else { "$before became $after" }
    }
    Test-Point 'The state file in a backup: 14, with the true reason' {
        $backup = [IO.File]::Open((Join-Path $root 'config.db'), 'Open', 'Read', 'Read')
        try { Sync $config 14 } finally { $backup.Dispose() }
        $script:said -match 'has the state file open'
    }
    Test-Point 'A full log in a reader: nothing is lost' {
        $log = Join-Path $root 'config.log'
        1..8 | ForEach-Object { [IO.File]::WriteAllText("$log.$_", "old $_`n") }
        [IO.File]::AppendAllText($log, ('x' * 5MB) + "`n")
        $reader = [IO.File]::Open($log, 'Open', 'Read', 'ReadWrite')
        try { $shared.Revision++; Sync $config 0 } finally { $reader.Dispose() }
        $old = @(Get-ChildItem "$log*" | Where-Object { $_.Length -lt 1MB } | ForEach-Object { Get-Content $_ } | Where-Object { $_ -like 'old *' }).Count
        if ($old -eq 8) { $true } else { "$old of 8 old logs are left" }
    }

    Test-Point 'State file, log and lock file are for their owner, SYSTEM and Administrators alone' {
        $mine = [Security.Principal.WindowsIdentity]::GetCurrent().User.Value
        $good = $mine, 'S-1-5-18', 'S-1-5-32-544'
        $wrong = foreach ($name in 'config.db', 'config.log') {
            $list = Get-Acl -LiteralPath (Join-Path $root $name)
            if (-not $list.AreAccessRulesProtected) { "$name inherits" }
            $list.GetAccessRules($true, $true, [Security.Principal.SecurityIdentifier]).Where({ $_.IdentityReference.Value -notin $good }).ForEach({ "$name $($_.IdentityReference)" })
        }
        if ($wrong) { $wrong -join ', ' } else { $true }
    } -Needs 'access lists of files'
    Test-Point 'check names Everyone and an icacls line that works' {
        $icacls = Join-Path ([Environment]::SystemDirectory) 'icacls.exe'
        $null = & $icacls $config /grant '*S-1-1-0:(M)'
        $null = Invoke-Program @('check', '-conf', $config)
        if ($script:said -notmatch 'icacls "[^"]+" /inheritance:r /grant:r "[^"]+" "[^"]+" "[^"]+"') { return "no icacls line: $script:said" }
        $line = $Matches[0]
        & $cmd /d /c $line | Out-Null
        if ($LASTEXITCODE -ne 0) { return "icacls ended with $LASTEXITCODE" }
        # What was granted to Everyone goes with the old list only when it was inherited.
        $null = & $icacls $config /remove '*S-1-1-0'
        $null = Invoke-Program @('check', '-conf', $config)
        $script:said -notmatch 'icacls'
    } -Needs 'icacls'

    Test-Point 'Outputs on a UNC path' {
        $drive = $script:folder.Substring(0, 1)
        $unc = "\\localhost\$drive`$" + $script:folder.Substring(2) + '\unc-out'
        if (-not (Test-Path -LiteralPath "\\localhost\$drive`$")) { return 'skip: the administrative share cannot be reached; run as administrator' }
        $file = Initialize-Site 'unc' -Root $unc
        if ((Invoke-Program @('sync', '-conf', $file, '--dry-run')) -ne 0) { return "dry run: $script:said" }
        Sync $file 0
        Test-Path -LiteralPath (Join-Path $unc 'all.json')
    } -Needs 'shares'
    Test-Point 'The state file on a UNC path is refused with a reason' {
        $file = Initialize-Site 'unc-state' -Extra "[local_sqlite]`ndb = \\localhost\$($script:folder.Substring(0, 1))`$$($script:folder.Substring(2))\state.db"
        Sync $file 10
        $script:said -match 'another computer'
    }
    Test-Point 'A path of 300 characters' {
        $long = Join-Path $script:folder (('long' * 30 + '\') * 2 + 'end')
        $file = Initialize-Site 'long' -Root $long
        Sync $file 0
        Test-Path -LiteralPath (Join-Path $long 'all.json')
    }
    Test-Point 'Characters and device names are findings' {
        foreach ($bad in 'out:put.json', 'a?b.json', 'nul', 'com1.log') {
            $file = Initialize-Site 'bad' -Log "log_file = $bad"
            if ((Invoke-Program @('sync', '-conf', $file)) -ne 10) { return "$bad was taken" }
        }
        $true
    }
    Test-Point 'A folder that is only looked at gets no file' {
        $place = Join-Path $script:folder 'looked-at'
        $file = Initialize-Site 'looked-at'
        Get-ChildItem $place -Directory | Remove-Item -Recurse
        $watcher = [IO.FileSystemWatcher]::new($place)
        try {
            Register-ObjectEvent $watcher Created -SourceIdentifier PhishMeVerify
            $watcher.EnableRaisingEvents = $true
            $null = Invoke-Program @('check', '-conf', $file)
            # A file of ours is reported after everything that was reported before it.
            [IO.File]::WriteAllText((Join-Path $place 'end'), '')
            do {
                $made = Wait-Event -SourceIdentifier PhishMeVerify -Timeout 10
                if (-not $made) { return 'the file system reported nothing' }
                $made | Remove-Event
                if ($made[0].SourceEventArgs.Name -ne 'end') { return "$($made[0].SourceEventArgs.Name) was made" }
            } until ($made[0].SourceEventArgs.Name -eq 'end')
            $true
        }
        finally { Unregister-Event PhishMeVerify; $watcher.Dispose() }
    }

    Test-Point 'Standard output is UTF-8 whatever the code page is' {
        $file = Join-Path $script:folder 'out.txt'
        $umlaut = Join-Path $script:folder "b$([char]0xFC)cher-$([char]0x65E5).ini"
        & $cmd /d /c "chcp 437 >nul & `"$ProgramPath`" check -conf `"$umlaut`" > `"$file`" 2>&1"
        [Text.Encoding]::UTF8.GetString([IO.File]::ReadAllBytes($file)).Contains("b$([char]0xFC)cher-$([char]0x65E5)")
    }
    Test-Point 'The event log gets the end of a run' {
        $file = Initialize-Site 'events' -Log 'event_log = True'
        $since = Get-Date
        Sync $file 0
        $events = @(Get-WinEvent -FilterHashtable @{ LogName = 'Application'; ProviderName = 'PhishMe'; StartTime = $since } -ErrorAction SilentlyContinue)
        if ($events.Count -gt 0) { $true } else { 'no event of source PhishMe in the Application log' }
    } -Needs 'event log'
    Test-Point 'The proxy of the system is asked for (use = system)' {
        $file = Initialize-Site 'proxy' -Extra "[local_proxy]`nuse = system"
        Sync $file 0
        $true
    }
    Test-Point 'Ctrl+C or a kill in the middle: the next run goes on' {
        $file = Initialize-Site 'killed'
        $process = Start-Process -FilePath $ProgramPath -ArgumentList 'sync', '-conf', "`"$file`"" -PassThru -WindowStyle Hidden
        Start-Sleep -Milliseconds 300
        if (-not $process.HasExited) { $process.Kill() }
        $process.WaitForExit()
        Sync $file 0
        (Get-Content (Join-Path (Split-Path $file) 'all.json')).Count -eq 2
    }

    if (-not $ModulePath) {
        Write-Outcome -Outcome SKIP -Name 'The cmdlets' -Detail 'no -ModulePath'
    }
    else {
        $manifest = (Resolve-Path -LiteralPath $ModulePath).ProviderPath
        Test-Point 'The module is imported and its engine is loaded' { Import-Module $manifest; (Get-Command -Module PhishMe).Count -gt 20 }
        Test-Point 'Test-PhishMeConfiguration' { @(Test-PhishMeConfiguration -LiteralPath $config).Count -gt 0 }
        Test-Point 'Invoke-PhishMeIntegration' { $shared.Revision++; (Invoke-PhishMeIntegration -ConfigPath $config -WarningAction SilentlyContinue).ExitCode -eq 0 }
        Test-Point 'Get-PhishMeRun' { @(Get-PhishMeRun -ConfigPath $config).Count -gt 3 }
        Test-Point 'New-PhishMeConfiguration makes a file for its owner alone' {
            $new = Join-Path $script:folder 'new.ini'
            New-PhishMeConfiguration -ConfigPath $new -StartDate 2025-01-01 | Out-Null
            (Get-Acl -LiteralPath $new).AreAccessRulesProtected
        } -Needs 'access lists of files'
        $previous = $env:PHISHME_HOME
        $env:PHISHME_HOME = Join-Path $script:folder 'home'
        $store = Join-Path $script:folder 'store.db'
        Test-Point 'Connect-PhishMe' {
            $secret = [securestring]::new()
            ('p' * 32).ToCharArray().ForEach({ $secret.AppendChar($_) })
            Connect-PhishMe -Credential ([pscredential]::new('u' * 32, $secret)) -BaseUri "http://127.0.0.1:$port/apiv1"
            $true
        }
        Test-Point 'Sync-PhishMeIntelligence into a store' { @(Sync-PhishMeIntelligence -Since 2025-01-01 -Store $store -WarningAction SilentlyContinue).Count -eq 2 }
        Test-Point 'Sync-PhishMeIntelligence goes on with what changed' { $shared.Revision++; @(Sync-PhishMeIntelligence -Store $store).Count -eq 1 }
        Test-Point 'Get-PhishMePosition' { @(Get-PhishMePosition).Count -eq 1 }
        Test-Point 'Get-PhishMeThreat' { (Get-PhishMeThreat -Id m_2).Label -eq 'Verify 2' }
        Test-Point 'Find-PhishMeIndicator' { @(Find-PhishMeIndicator verify1.example -Store $store).Count -eq 1 }
        Test-Point 'Export-PhishMeStix' {
            $file = Join-Path $script:folder 'export.json'
            Get-PhishMeThreat -Id m_2 | Export-PhishMeStix -LiteralPath $file
            (Get-Content -Raw -LiteralPath $file | ConvertFrom-Json).type -eq 'bundle'
        }
        Test-Point 'Disconnect-PhishMe' { Disconnect-PhishMe; $true }
        $env:PHISHME_HOME = $previous
        Test-Point 'ConvertFrom-PhishMeJson' { @(Get-Content (Join-Path $root 'all.json') | ConvertFrom-PhishMeJson).Count -gt 1 }
        Test-Point 'A collector that closes first has what it was sent, and nothing is sent twice (SIO_TCP_INFO)' {
            $collector = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
            $collector.Start()
            $received = [Collections.Concurrent.ConcurrentQueue[string]]::new()
            $reading = [powershell]::Create().AddScript({
                    param($Collector, $Received)
                    foreach ($connection in 1, 2) {
                        $client = $Collector.AcceptTcpClient()
                        $reader = [IO.StreamReader]::new($client.GetStream())
                        # The first connection is closed as soon as a full batch has been read.
                        while (($connection -eq 2 -or $Received.Count -lt 500) -and ($line = $reader.ReadLine())) { $Received.Enqueue($line) }
                        $client.Dispose()
                    }
                }).AddArgument($collector).AddArgument($received)
            $task = $reading.BeginInvoke()
            try {
                $result = & { 1..500; while ($received.Count -lt 500) { Start-Sleep -Milliseconds 50 }; Start-Sleep -Milliseconds 500; 501 } | ForEach-Object { "event $_" } |
                    Send-PhishMeSyslog -ComputerName 127.0.0.1 -Port $collector.LocalEndpoint.Port -Transport Tcp
                $null = $task.AsyncWaitHandle.WaitOne(10000)
                if ($result.Confirmed -and $received.Count -eq 501) { $true } else { "confirmed: $($result.Confirmed), $($received.Count) events of 501" }
            }
            finally { $collector.Stop() }
        } -Needs 'SIO_TCP_INFO'
        Test-Point 'Register-PhishMeSchedule -WhatIf' { Register-PhishMeSchedule -ConfigPath $config -Name PhishMeVerify -WhatIf; $true }
        Test-Point 'A task of the Task Scheduler runs and has the exit code' {
            $null = Register-PhishMeSchedule -ConfigPath $config -Name PhishMeVerify -ProgramPath $ProgramPath -Scope User -Force
            try {
                Start-ScheduledTask -TaskName PhishMeVerify
                foreach ($i in 1..60) { Start-Sleep -Seconds 1; if ((Get-ScheduledTask PhishMeVerify).State -ne 'Running') { break } }
                $result = (Get-ScheduledTaskInfo PhishMeVerify).LastTaskResult
                $settings = (Get-ScheduledTask PhishMeVerify).Settings
                if ($result -ne 0) { "the task ended with $result" }
                elseif ($settings.MultipleInstances -ne 'IgnoreNew' -or $settings.ExecutionTimeLimit -ne 'PT14M') { 'the settings are not those of the definition' }
                else { $true }
            }
            finally { Unregister-ScheduledTask -TaskName PhishMeVerify -Confirm:$false }
        } -Needs 'Task Scheduler'
    }
}
finally {
    $listener.Stop()
    $worker.Dispose()
    if ($KeepFiles) { Write-Output "kept: $script:folder" }
    else {
        Set-Location ([IO.Path]::GetTempPath())
        Remove-Item -LiteralPath $script:folder -Recurse -Force -ErrorAction SilentlyContinue
    }
}

Write-Output ("Windows: {0} passed, {1} failed, {2} skipped" -f $script:counts.PASS, $script:counts.FAIL, $script:counts.SKIP)
exit ($script:counts.FAIL -gt 0 ? 1 : 0)
