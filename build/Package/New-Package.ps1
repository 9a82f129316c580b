#Requires -Version 7.6
<#
.SYNOPSIS
    Makes what a release holds: the module as gallery package and as zip, phishme and phishme-server as native programs, bills of materials and checksums.
.DESCRIPTION
    `dotnet build -t:Package` stages the module and calls this. Same input, same bytes: archives are sorted and carry one date, that of the
    environment variable SOURCE_DATE_EPOCH, else of the last commit.
.PARAMETER Module
    The staged module: the folder that holds PhishMe.psd1.
.PARAMETER OutputPath
    The folder to fill. What a former call left there is deleted.
.PARAMETER BomTool
    CycloneDX.dll.
.PARAMETER ProjectUri
    Where the project lives; written into the manifest of the package. The repository does not know.
.PARAMETER Native
    Also compile phishme and phishme-server for this platform, if the machine has a linker.
#>
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSReviewUnusedParameter', 'BomTool', Justification = 'Write-Bom uses it.')]
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $Module,
    [Parameter(Mandatory)] [string] $OutputPath,
    [Parameter(Mandatory)] [string] $BomTool,
    [uri] $ProjectUri,
    [switch] $Native
)

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true
$root = (Resolve-Path "$PSScriptRoot/../..").ProviderPath

# One date for everything in the archives.
function Get-SourceDate {
    $seconds = $env:SOURCE_DATE_EPOCH
    if (-not $seconds -and (Get-Command git -ErrorAction Ignore) -and (Test-Path "$root/.git")) {
        $seconds = git -C $root log -1 --format=%ct
    }
    $seconds ? [DateTimeOffset]::FromUnixTimeSeconds($seconds) : [DateTimeOffset]::UtcNow
}

# Replaces what a pattern matches, which must be there.
function Edit-Text {
    param([string] $Path, [string[]] $Replace)
    $text = [IO.File]::ReadAllText($Path)
    if ($text -notmatch $Replace[0]) {
        throw "$Path has no $($Replace[0])."
    }
    [IO.File]::WriteAllText($Path, ($text -replace $Replace))
}

# A zip of a folder; entries are sorted, and rights are the same wherever it is made.
function Write-Archive {
    param([string] $Folder, [string] $File, [string] $Prefix = '')
    $zip = [IO.Compression.ZipFile]::Open($File, 'Create')
    try {
        $names = [string[]][IO.Directory]::GetFiles($Folder, '*', 'AllDirectories').ForEach({ [IO.Path]::GetRelativePath($Folder, $_).Replace('\', '/') })
        [array]::Sort($names, [StringComparer]::Ordinal)
        foreach ($name in $names) {
            $entry = $zip.CreateEntry($Prefix + $name, 'SmallestSize')
            $entry.LastWriteTime = $date
            $entry.ExternalAttributes = ($name -in 'phishme', 'phishme-server' ? 0x81ED : 0x81A4) -shl 16
            $source = [IO.File]::OpenRead("$Folder/$name")
            $target = $entry.Open()
            $source.CopyTo($target)
            $target.Dispose()
            $source.Dispose()
        }
    }
    finally {
        $zip.Dispose()
    }
}

# The package as the gallery takes it. Its own cmdlet makes it; what is different each time is evened out afterwards.
function Write-GalleryPackage {
    Compress-PSResource -Path $stage -DestinationPath $work
    $package = "$work/package"
    [IO.Compression.ZipFile]::ExtractToDirectory("$work/PhishMe.$version.nupkg", $package)
    # The manifest of a module can only link to an icon; a package can carry one.
    Copy-Item "$PSScriptRoot/icon.png" $package
    Edit-Text "$package/PhishMe.nuspec" 'packaging/2011/08/nuspec', 'packaging/2013/05/nuspec'
    Edit-Text "$package/PhishMe.nuspec" '(?<indent>\s*)</metadata>', '${indent}  <icon>icon.png</icon>${indent}</metadata>'
    # Types of files come in a random order.
    $head, $start, $rest = [IO.File]::ReadAllLines("$package/[Content_Types].xml")
    $types = @($rest -match '<Default ') + '  <Default Extension="png" ContentType="image/png" />' | Sort-Object
    [IO.File]::WriteAllLines("$package/[Content_Types].xml", @($head; $start; $types; $rest -notmatch '<Default '))
    $properties = Get-ChildItem "$package/package/services/metadata/core-properties/*.psmdcp"
    Rename-Item -LiteralPath $properties.FullName -NewName 'PhishMe.psmdcp'
    # It names the version of this machine's operating system.
    Edit-Text "$package/package/services/metadata/core-properties/PhishMe.psmdcp" '(?<=<lastModifiedBy>)[^<]+', 'PSResourceGet'
    Edit-Text "$package/_rels/.rels" "[0-9a-f]+\.psmdcp(.*?)Id=`"\w+", 'PhishMe.psmdcp$1Id="R1'
    Edit-Text "$package/_rels/.rels" 'nuspec(.*?)Id="\w+', 'nuspec$1Id="R0'
    Write-Archive -Folder $package -File "$OutputPath/PhishMe.$version.nupkg"
}

# The packages that a project brings along. The tool writes the time of day; the date of the sources is put in its place.
function Write-Bom {
    param([string] $Project, [string] $Name, [string] $File, [string[]] $Argument)
    $null = dotnet exec $BomTool "$root/src/$Project/$Project.csproj" --output $OutputPath --filename $File --output-format Json --spec-version 1.6 `
        --disable-package-restore --no-serial-number --set-name $Name --set-version $version --set-type Application @Argument
    Edit-Text "$OutputPath/$File" '(?<="timestamp": ")[^"]+', $date.ToString('yyyy-MM-ddTHH:mm:ssZ', [cultureinfo]::InvariantCulture)
    Edit-Text "$OutputPath/$File" '\r?\n', "`n"
}

# clang or gcc; on Windows the C++ tools of Visual Studio, which its installer knows of.
function Test-Linker {
    if (-not $IsWindows) {
        return [bool](Get-Command clang, gcc -ErrorAction Ignore)
    }
    $locator = "${env:ProgramFiles(x86)}/Microsoft Visual Studio/Installer/vswhere.exe"
    (Test-Path $locator) -and (& $locator -latest -products * -requires Microsoft.VisualStudio.Component.VC.Tools.x86.x64 -property installationPath)
}

$version = (Import-PowerShellDataFile "$Module/PhishMe.psd1").ModuleVersion
$date = Get-SourceDate
$OutputPath = (New-Item -ItemType Directory -Path $OutputPath -Force).FullName
Get-ChildItem -LiteralPath $OutputPath | Remove-Item -Recurse -Force
$work = [IO.Directory]::CreateTempSubdirectory('phishme-package-').FullName
try {
    # Compress-PSResource wants the folder to be named like the module.
    $stage = "$work/PhishMe"
    Copy-Item -LiteralPath $Module -Destination $stage -Recurse
    if ($ProjectUri) {
        Edit-Text "$stage/PhishMe.psd1" '(?m)^(\s*)(LicenseUri +=)', "`$1ProjectUri               = '$ProjectUri'`n`$1`$2"
    }

    Write-GalleryPackage
    # To be unpacked in a folder of $env:PSModulePath.
    Write-Archive -Folder $stage -File "$OutputPath/PhishMe-$version.zip" -Prefix "PhishMe/$version/"
    Write-Bom -Project PhishMe.Engine -Name PhishMe -File "PhishMe-$version.cdx.json"

    if ($Native -and (Test-Linker)) {
        dotnet publish "$root/src/PhishMe.Cli" -c Release -p:Native=true -p:ContinuousIntegrationBuild=true -o "$work/native" --nologo
        dotnet publish "$root/src/PhishMe.Server" -c Release -p:Native=true -p:ContinuousIntegrationBuild=true -o "$work/native" --nologo
        # A program that does not start is not worth a release.
        Get-Item "$work/native/phishme*" -Include phishme, phishme.exe, phishme-server, phishme-server.exe | ForEach-Object { & $_.FullName --version }
        # Debugging symbols are large and of use to developers only.
        Get-ChildItem "$work/native/*" -Include *.dbg, *.pdb, *.dSYM, *.xml | Remove-Item -Recurse
        Copy-Item "$root/LICENSE" "$work/native"
        $platform = [Runtime.InteropServices.RuntimeInformation]::RuntimeIdentifier
        Write-Archive -Folder "$work/native" -File "$OutputPath/phishme-$version-$platform.zip"
        Write-Bom -Project PhishMe.Cli -Name phishme -File "phishme-$version-$platform.cdx.json"
        Write-Bom -Project PhishMe.Server -Name phishme-server -File "phishme-server-$version-$platform.cdx.json"
    }
    elseif ($Native) {
        Write-Information 'No native phishme: this machine has no clang, gcc or C++ tools of Visual Studio to link it.' -InformationAction Continue
    }

    # In the form that sha256sum -c reads.
    $sums = Get-ChildItem $OutputPath -File | Sort-Object Name | ForEach-Object { "$((Get-FileHash -LiteralPath $_.FullName -Algorithm SHA256).Hash.ToLowerInvariant())  $($_.Name)`n" }
    [IO.File]::WriteAllText("$OutputPath/SHA256SUMS", -join $sums)
    Get-ChildItem $OutputPath | ForEach-Object { '{0,12:N0} {1}' -f $_.Length, $_.FullName }
}
finally {
    Remove-Item -LiteralPath $work -Recurse -Force
}
