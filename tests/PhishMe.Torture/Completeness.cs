using System.Text;
using PhishMe.Simulator;

namespace PhishMe.Torture;

/// <summary>Compares what an installation has with what its simulator serves now: independent of any other run.</summary>
internal static class Completeness
{
    /// <returns>What is missing, stale or there too often; empty when the installation has everything, once, as served.</returns>
    public static IReadOnlyList<string> Of(TortureInstallation installation, bool cefAsServed = true)
    {
        var wrong = new List<string>();
        string[] ids = [.. installation.Simulator.Threats.Select(threat => FormattableString.Invariant($"{threat.Type[0]}_{threat.Id}"))];
        foreach (var format in installation.Options.Formats)
        {
            var expected = new Dictionary<string, byte[]>(StringComparer.Ordinal);
            foreach (var id in ids)
            {
                var content = format switch
                {
                    "cef" => Lines(DeliveredCef.Of(installation.Simulator.Cef(id))),
                    "json" => installation.Simulator.Json(id).ToArray(),
                    _ => Encoding.UTF8.GetBytes(installation.Simulator.Stix(id)),
                };
                if (content.Length > 0)
                {
                    expected.Add(id, content);
                }
            }

            if (installation.Options.Files)
            {
                wrong.AddRange(Files(installation, format, expected, compare: format != "cef" || cefAsServed));
            }

            if (installation.Options.Append && (format != "cef" || cefAsServed))
            {
                var all = File.Exists(installation.InFolder("all." + format)) ? File.ReadAllBytes(installation.InFolder("all." + format)) : [];
                wrong.AddRange(expected.Where(threat => all.AsSpan().IndexOf(threat.Value) < 0).Select(threat => $"all.{format} lacks {threat.Key}"));
                if (all.Length > 0 && all[^1] != (byte)'\n')
                {
                    wrong.Add($"all.{format} ends in the middle of a line");
                }
            }
        }

        if (installation.Position != installation.Simulator.CurrentPosition)
        {
            wrong.Add($"the position is {installation.Position} instead of {installation.Simulator.CurrentPosition}");
        }

        wrong.AddRange(installation.RecordedDeliveries().Where(row => row.StartsWith("dead letter", StringComparison.Ordinal) || row.StartsWith("unfinished", StringComparison.Ordinal)));
        wrong.AddRange(installation.Leftovers());
        wrong.AddRange(installation.Options.Taxii ? ServedOrderAudit.Of(installation) : []);
        return wrong;
    }

    private static IEnumerable<string> Files(TortureInstallation installation, string format, Dictionary<string, byte[]> expected, bool compare)
    {
        var actual = Directory.Exists(installation.InFolder(format))
            ? Directory.EnumerateFiles(installation.InFolder(format), "*", SearchOption.AllDirectories).ToLookup(path => Path.GetFileNameWithoutExtension(path)!)
            : Array.Empty<string>().ToLookup(path => path);
        foreach ((var id, var content) in expected)
        {
            string[] paths = [.. actual[id]];
            if (paths.Length != 1)
            {
                yield return $"{id} has {paths.Length} files of {format}";
            }
            else if (compare && !File.ReadAllBytes(paths[0]).AsSpan().SequenceEqual(content))
            {
                yield return $"the file of {id} in {format} is stale";
            }
        }

        foreach (var id in actual.Select(file => file.Key).Where(id => !expected.ContainsKey(id)))
        {
            yield return $"{format} still has a file of {id}";
        }
    }

    private static byte[] Lines(string cef) => cef.Length == 0 ? [] : Encoding.UTF8.GetBytes(cef + "\n");
}
