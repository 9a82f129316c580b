#Requires -Version 7.6
#Requires -Modules Microsoft.PowerShell.PlatyPS
<#
.SYNOPSIS
    Brings docs/en-US and the compiled help up to date with the staged module.
.DESCRIPTION
    People write DESCRIPTION, EXAMPLES, NOTES and RELATED LINKS of docs/en-US/<cmdlet>.md. Everything else - synopsis, syntax, parameters, types - comes
    from the assembly and its documentation comments, so that it is said once. Stage the module first.
#>
[CmdletBinding()]
param()

$ErrorActionPreference = 'Stop'
$root = (Resolve-Path (Join-Path $PSScriptRoot '..')).ProviderPath
$folder = Join-Path $root 'docs/en-US'
$staged = Join-Path $root 'out/PhishMe/*/PhishMe.psd1' -Resolve | Select-Object -Last 1
$env:PSModulePath = (Split-Path (Split-Path (Split-Path $staged))) + [IO.Path]::PathSeparator + $env:PSModulePath
Import-Module Microsoft.PowerShell.PlatyPS
Import-Module $staged

$summaries = @{}
foreach ($project in 'PhishMe.PowerShell', 'PhishMe.Intelligence') {
    $documentation = Get-ChildItem -Path (Join-Path $root "src/$project/bin/Release/net*/$project.xml") | Select-Object -First 1
    foreach ($member in ([xml](Get-Content -LiteralPath $documentation.FullName -Raw)).doc.members.member) {
        # <see cref="P:Some.Type.Member"/> becomes Member, <c>text</c> becomes text.
        $text = $member.SelectSingleNode('summary')?.InnerXml -replace '<(?:see|paramref)\s+\w+="(?:[^"]*[.:])?([^".]+)"\s*/>', '$1' -replace '</?\w+>', '' -replace '\s+', ' '
        $summaries[$member.name] = [System.Net.WebUtility]::HtmlDecode("$text".Trim())
    }
}

# The sections that people write, by their heading.
function Get-WrittenSection {
    param([string] $Path)
    $sections = @{}
    $text = (Get-Content -LiteralPath $Path -Raw).ReplaceLineEndings("`n")
    foreach ($part in [regex]::Split($text, '(?m)^## ').Where({ $_ }, 'Skip', 0)) {
        $heading, $body = $part.Split("`n", 2)
        $sections[$heading.Trim()] = "$body".Trim()
    }
    $sections
}

$helps = foreach ($command in Get-Command -Module PhishMe -CommandType Cmdlet | Sort-Object Name) {
    $path = Join-Path $folder "$($command.Name).md"
    if (-not (Test-Path -LiteralPath $path)) {
        throw "Write DESCRIPTION and EXAMPLES of $($command.Name) into $path first."
    }
    $written = Get-WrittenSection $path
    $type = $command.ImplementingType
    $help = New-CommandHelp -CommandInfo $command
    $help.Metadata.Remove('ms.date')
    $help.Synopsis = $summaries["T:$($type.FullName)"]
    $help.Description = $written['DESCRIPTION']
    $help.Notes = $written['NOTES']
    $help.Examples.Clear()
    foreach ($example in [regex]::Split($written['EXAMPLES'], '(?m)^### ').Where({ $_.Trim() })) {
        $title, $body = $example.Split("`n", 2)
        $help.Examples.Add([Microsoft.PowerShell.PlatyPS.Model.Example]::new($title.Trim(), $body.Trim()))
    }
    $help.RelatedLinks.Clear()
    foreach ($link in [regex]::Matches("$($written['RELATED LINKS'])", '\[(?<text>[^\]]+)\]\((?<uri>[^)]+)\)')) {
        $help.RelatedLinks.Add([Microsoft.PowerShell.PlatyPS.Model.Links]::new($link.Groups['uri'].Value, $link.Groups['text'].Value))
    }
    foreach ($parameter in $help.Parameters) {
        $declared = $type.GetProperty($parameter.Name)?.DeclaringType
        if ($declared.Namespace -like 'PhishMe*') {
            $parameter.Description = $summaries["P:$($declared.FullName).$($parameter.Name)"]
        }
    }
    foreach ($end in @($help.Inputs) + @($help.Outputs)) {
        $name = $end.Typename -replace '\[\]$', ''
        $end.Description = $summaries["T:$name"] ?? ''
    }
    $help
}

foreach ($help in $helps) {
    $file = $help | Export-MarkdownCommandHelp -OutputFolder $folder -Force
    $text = [IO.File]::ReadAllText($file.FullName).ReplaceLineEndings("`n")
    $text = $text -replace '(?ms)^## ALIASES\n.*?(?=^## )', ''
    [IO.File]::WriteAllText((Join-Path $folder $file.Name), $text.TrimEnd() + "`n")
    if ($file.DirectoryName -ne $folder) {
        Remove-Item -LiteralPath $file.FullName
    }
}
Get-ChildItem -LiteralPath $folder -Directory | Remove-Item -Recurse

$maml = $helps | Export-MamlCommandHelp -OutputFolder (Join-Path $root 'en-US') -Force
foreach ($file in $maml) {
    $text = [IO.File]::ReadAllText($file.FullName).ReplaceLineEndings("`n")
    [IO.File]::WriteAllText((Join-Path $root "en-US/$($file.Name)"), $text.TrimEnd() + "`n")
    if ($file.DirectoryName -ne (Join-Path $root 'en-US')) {
        Remove-Item -LiteralPath $file.DirectoryName -Recurse
    }
}
'{0} cmdlets' -f @($helps).Count
