using System.Text.Json.Nodes;

namespace PhishMe.Torture.Hosts;

/// <summary>Compares the files of a host with those of an installation that saw every change.</summary>
internal static class HostFiles
{
    private const string Append = "all.json";

    /// <returns>What is missing, differs or should not be there.</returns>
    public static IEnumerable<string> Compare(TortureInstallation host, TortureInstallation yardstick)
    {
        var name = new Uri(host.Folder).Segments[^1];
        var (mine, theirs) = (ThreatFiles(host), ThreatFiles(yardstick));
        foreach (var file in theirs.Where(file => mine.GetValueOrDefault(file.Key) != file.Value))
        {
            yield return $"{name}: {file.Key} is {(mine.ContainsKey(file.Key) ? "another" : "missing")}";
        }

        foreach (var file in mine.Keys.Except(theirs.Keys))
        {
            yield return $"{name}: {file} should not be there";
        }

        foreach (var wrong in CompareLines(Lines(host), Lines(yardstick)))
        {
            yield return $"{name}: {wrong}";
        }

        if (host.Position != host.Simulator.CurrentPosition)
        {
            yield return $"{name}: the position is {host.Position} instead of {host.Simulator.CurrentPosition}";
        }

        foreach (var left in host.Leftovers())
        {
            yield return $"{name}: {left}";
        }
    }

    /// <summary>A host that was not there for a version does not have its line; the last line of each threat it has, and none more often than it was delivered.</summary>
    private static IEnumerable<string> CompareLines(string[] mine, string[] theirs)
    {
        var delivered = theirs.CountBy(line => line).ToDictionary(StringComparer.Ordinal);
        foreach (var (line, times) in mine.CountBy(line => line))
        {
            if (times > delivered.GetValueOrDefault(line))
            {
                yield return FormattableString.Invariant($"a line is there {times} times instead of {delivered.GetValueOrDefault(line)}: {line[..Math.Min(120, line.Length)]}");
            }
        }

        var last = LastOf(mine);
        foreach (var (threat, line) in LastOf(theirs))
        {
            // What came and went while a host was not there never was there.
            if (last.GetValueOrDefault(threat) != line && (last.ContainsKey(threat) || !line.Contains("\"deleted\":true", StringComparison.Ordinal)))
            {
                yield return $"the last line of {threat} is {(last.ContainsKey(threat) ? "another" : "missing")}";
            }
        }
    }

    private static Dictionary<string, string> LastOf(string[] lines)
    {
        var last = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            var threat = JsonNode.Parse(line)!;
            last[$"{threat["threatType"] ?? threat["type"]} {threat["id"]}"] = line;
        }

        return last;
    }

    private static string[] Lines(TortureInstallation installation)
    {
        var path = installation.InFolder(Append);
        return File.Exists(path) ? File.ReadAllText(path).Split('\n', StringSplitOptions.RemoveEmptyEntries) : [];
    }

    private static SortedDictionary<string, string> ThreatFiles(TortureInstallation installation)
    {
        var files = installation.VisibleFiles();
        foreach (var name in files.Keys.Where(name => !name.StartsWith("json/", StringComparison.Ordinal)).ToArray())
        {
            files.Remove(name);
        }

        return files;
    }
}
