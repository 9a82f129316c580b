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
# What was compiled before would come back as what is said now.
Get-ChildItem -Path (Join-Path (Split-Path $staged) 'en-US/*-Help.xml') | Remove-Item
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

# PlatyPS writes an example as one text, and Get-Help would show the fences of Markdown: code belongs in the element for code, and what follows in the remarks.
function Edit-ExampleCode {
    param([xml] $Document, $Help)
    $names = [System.Xml.XmlNamespaceManager]::new($Document.NameTable)
    $names.AddNamespace('maml', 'http://schemas.microsoft.com/maml/2004/10')
    $names.AddNamespace('command', 'http://schemas.microsoft.com/maml/dev/command/2004/10')
    $names.AddNamespace('dev', 'http://schemas.microsoft.com/maml/dev/2004/10')
    $elements = $Document.SelectNodes("//command:command[command:details/command:name='$($Help.Title)']/command:examples/command:example", $names)
    for ($i = 0; $i -lt $elements.Count; $i++) {
        $match = [regex]::Match($Help.Examples[$i].Remarks, '(?s)^(?<before>.*?)```powershell\n(?<code>.*?)\n```(?<after>.*)$')
        if (-not $match.Success -or $match.Groups['after'].Value.Contains('```')) {
            throw "$($Help.Title): '$($Help.Examples[$i].Title)' needs exactly one block of code."
        }
        $elements[$i].SelectSingleNode('dev:code', $names).InnerText = $match.Groups['code'].Value
        foreach ($part in @(@('maml:introduction', 'before'), @('dev:remarks', 'after'))) {
            $element = $elements[$i].SelectSingleNode($part[0], $names)
            $element.InnerXml = ''
            foreach ($paragraph in $match.Groups[$part[1]].Value.Trim() -split '\n\n' | Where-Object { $_ }) {
                $node = $Document.CreateElement('maml', 'para', 'http://schemas.microsoft.com/maml/2004/10')
                $node.InnerText = $paragraph
                $null = $element.AppendChild($node)
            }
        }
    }
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

# Get-Help shows the address of a link, and that of a page is of no use there.
foreach ($help in $helps) {
    foreach ($link in $help.RelatedLinks) {
        $link.Uri = ''
    }
}
$maml = $helps | Export-MamlCommandHelp -OutputFolder (Join-Path $root 'en-US') -Force
foreach ($file in $maml) {
    $document = [xml]::new()
    $document.PreserveWhitespace = $true
    $document.LoadXml([IO.File]::ReadAllText($file.FullName).ReplaceLineEndings("`n"))
    foreach ($help in $helps) {
        Edit-ExampleCode -Document $document -Help $help
    }
    [IO.File]::WriteAllText((Join-Path $root "en-US/$($file.Name)"), $document.OuterXml.ReplaceLineEndings("`n").TrimEnd() + "`n")
    if ($file.DirectoryName -ne (Join-Path $root 'en-US')) {
        Remove-Item -LiteralPath $file.DirectoryName -Recurse
    }
}
Copy-Item -Path (Join-Path $root 'en-US/*') -Destination (Join-Path (Split-Path $staged) 'en-US')
'{0} cmdlets' -f @($helps).Count
