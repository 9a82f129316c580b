using System.Text;
using PhishMe.Simulator;
using static System.FormattableString;

namespace PhishMe.QuickStart;

/// <summary>A temporary folder with a config.ini and everything a run puts beside it.</summary>
internal sealed class Workplace
{
    /// <summary>Files of one folder that a listing names.</summary>
    private const int FilesShown = 2;

    /// <summary>Folders of one folder that a listing goes into.</summary>
    private const int FoldersShown = 2;

    private const int LongestLine = 240;

    public string Folder { get; } = Directory.CreateTempSubdirectory("phishme-quickstart-").FullName;

    /// <summary>Both products, all three formats, each as a growing file and as a file per threat.</summary>
    /// <returns>The path of config.ini.</returns>
    public string WriteConfiguration(ThreatHqSimulator api, DateTimeOffset firstDay)
    {
        var text = new StringBuilder(Invariant($"""
            [pm_api]
            base_url = {api.BaseUri}
            user = {api.User}
            pass = {api.Password}
            init_date = {firstDay:yyyy-MM-dd}
            position =
            # For a demonstration only. The real API is asked politely: 10 requests a second.
            requests_per_second = 1000

            [pm_product]
            intelligence = True
            brand_intelligence = True

            [pm_format]
            cef = True
            json = True
            stix = True


            """));
        foreach (var format in (string[])["cef", "json", "stix"])
        {
            text.AppendLine(Invariant($"""
                [integration_raw_{format}]
                use = True
                append_file_use = True
                append_file_location = all.{format}
                multiple_file_use = True
                multiple_file_location = {format}

                """));
        }

        var path = Path.Combine(Folder, "config.ini");
        File.WriteAllText(path, text.ToString());
        if (!OperatingSystem.IsWindows())
        {
            // It holds a password; a file that others can read makes a warning.
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return path;
    }

    public string Listing()
    {
        var text = new StringBuilder();
        List(new DirectoryInfo(Folder), "", text);
        return text.ToString().TrimEnd();
    }

    public async Task<string> FirstCefLineAsync(CancellationToken cancellationToken)
    {
        await foreach (var line in File.ReadLinesAsync(Path.Combine(Folder, "all.cef"), cancellationToken))
        {
            return Cut(line);
        }

        return "none";
    }

    /// <summary>The line of a growing file that says that a threat was taken back.</summary>
    /// <param name="format">json or cef.</param>
    /// <param name="id">Such as <c>m_1</c>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<string> WithdrawalLineAsync(string format, string id, CancellationToken cancellationToken)
    {
        var number = id[2..];
        await foreach (var line in File.ReadLinesAsync(Path.Combine(Folder, "all." + format), cancellationToken))
        {
            var withdrawal = line.EndsWith("\"deleted\":true}", StringComparison.Ordinal)
                || line.Contains("|threat_withdrawn|", StringComparison.Ordinal);
            if (withdrawal && line.Contains(number, StringComparison.Ordinal))
            {
                return Cut(line);
            }
        }

        return "none";
    }

    /// <summary>Where the file of a threat is, from the folder; null when there is none.</summary>
    public string? FileOf(string id, string format) =>
        Directory.EnumerateFiles(Path.Combine(Folder, format), $"{id}.*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Folder, path))
            .FirstOrDefault();

    public void Remove() => Directory.Delete(Folder, recursive: true);

    private static void List(DirectoryInfo folder, string indent, StringBuilder text)
    {
        FileInfo[] files = [.. folder.EnumerateFiles().OrderBy(file => file.Name, StringComparer.Ordinal)];
        DirectoryInfo[] folders = [.. folder.EnumerateDirectories().OrderBy(inner => inner.Name, StringComparer.Ordinal)];

        // Files of a run are few and all of interest; files of threats are many and alike.
        var shown = indent.Length == 0 ? files.Length : Math.Min(files.Length, FilesShown);
        foreach (var file in files[..shown])
        {
            text.AppendLine(Invariant($"{indent}{file.Name,-14} {file.Length,12:N0} bytes"));
        }

        if (files.Length > shown)
        {
            text.AppendLine(Invariant($"{indent}… and {files.Length - shown} more files"));
        }

        shown = indent.Length == 0 ? folders.Length : Math.Min(folders.Length, FoldersShown);
        foreach (var inner in folders[..shown])
        {
            text.AppendLine(Invariant($"{indent}{inner.Name}/"));
            List(inner, indent + "  ", text);
        }

        if (folders.Length > shown)
        {
            text.AppendLine(Invariant($"{indent}… and {folders.Length - shown} more folders"));
        }
    }

    private static string Cut(string line) => line.Length <= LongestLine ? line : line[..LongestLine] + "…";
}
