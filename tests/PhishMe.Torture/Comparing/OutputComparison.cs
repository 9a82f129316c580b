using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PhishMe.Torture.Comparing;

/// <summary>Holds what two programs wrote and said against each other, and puts every difference under a kind.</summary>
internal sealed class OutputComparison(DifferenceTally tally)
{
    /// <summary>Members of a summary that no two runs have in common.</summary>
    private static readonly string[] _ownOfARun = ["runId", "startedAt", "endedAt", "duration", "configurationPath"];

    public void Compare(ComparedProgram before, ComparedProgram after)
    {
        Folders(before.Home, after.Home);
        Appended(before);
        Appended(after);
        Runs(before, after);
        Lines("collector", before.Events, after.Events);
    }

    /// <summary>Every file but state, lock and log.</summary>
    private void Folders(string before, string after)
    {
        var left = Files(before);
        var right = Files(after);
        foreach (var name in left.Keys.Union(right.Keys, StringComparer.Ordinal))
        {
            tally.Compared++;
            var kind = name.Contains('/', StringComparison.Ordinal) ? "files of " + name[..name.IndexOf('/', StringComparison.Ordinal)] : name;
            if (!right.TryGetValue(name, out var now))
            {
                tally.Add($"{kind}: only before", name);
            }
            else if (!left.TryGetValue(name, out var old))
            {
                tally.Add($"{kind}: only now", name);
            }
            else if (!AreEqual(old, now))
            {
                Content(kind, name, old, now);
            }
        }
    }

    /// <summary>What a summary says was appended is what the append files hold. The numbers themselves differ where the contents do.</summary>
    private void Appended(ComparedProgram program)
    {
        var said = program.Runs
            .SelectMany(run => run.Summary["outputs"]?.AsArray() ?? [])
            .Sum(destination => destination!["bytesAppended"]?.GetValue<long>() ?? 0);
        var written = Directory.EnumerateFiles(program.Home, "all.*").Sum(path => new FileInfo(path).Length);
        if (said != written)
        {
            tally.Add("summary.outputs[].bytesAppended is not what was written", $"{said} / {written}");
        }
    }

    private void Runs(ComparedProgram before, ComparedProgram after)
    {
        if (before.Runs.Count != after.Runs.Count)
        {
            tally.Add("runs: number", $"{before.Runs.Count} / {after.Runs.Count}");
        }

        foreach ((var old, var now) in before.Runs.Zip(after.Runs))
        {
            tally.Compared++;
            if (old.ExitCode != now.ExitCode)
            {
                tally.Add("runs: exit code", $"{old.ExitCode} / {now.ExitCode}");
            }

            AddAll(JsonDifference.Between(WithoutOwn(old.Summary), WithoutOwn(now.Summary), "summary"));
        }
    }

    private void Content(string kind, string name, string before, string after)
    {
        var old = Split(name, before);
        var now = Split(name, after);
        Lines(kind, old, now);
    }

    /// <summary>Records of two streams. Where both have as many, they are compared one by one; else by what each has alone.</summary>
    private void Lines(string kind, IReadOnlyList<string> before, IReadOnlyList<string> after)
    {
        tally.Compared += before.Count;
        if (before.Count != after.Count)
        {
            var only = before.CountBy(line => line).ToDictionary(StringComparer.Ordinal);
            foreach (var line in after)
            {
                if (only.TryGetValue(line, out var left) && left > 0)
                {
                    only[line] = left - 1;
                }
                else
                {
                    tally.Add($"{kind}: record only now", Short(line));
                }
            }

            foreach ((var line, var count) in only.Where(pair => pair.Value > 0))
            {
                tally.Add($"{kind}: record only before", $"{count} x {Short(line)}");
            }

            return;
        }

        var moved = before.Order(StringComparer.Ordinal).SequenceEqual(after.Order(StringComparer.Ordinal)) ? ": order of the records" : null;
        foreach ((var old, var now) in before.Zip(after).Where(pair => pair.First != pair.Second))
        {
            if (moved is not null)
            {
                tally.Add(kind + moved, Short(now));
            }
            else if (old.StartsWith('{') && now.StartsWith('{') && TryParse(old) is { } left && TryParse(now) is { } right)
            {
                Json(kind, left, right, old, now);
            }
            else if (WithoutControls(old) == WithoutControls(now))
            {
                tally.Add($"{kind}: control characters", Short(now));
            }
            else
            {
                var at = old.Zip(now).TakeWhile(pair => pair.First == pair.Second).Count();
                tally.Add($"{kind}: text", $"{Short(old[Math.Max(0, at - 30)..])} / {Short(now[Math.Max(0, at - 30)..])}");
            }
        }
    }

    private void Json(string kind, JsonNode before, JsonNode after, string old, string now)
    {
        var found = JsonDifference.Between(before, after, kind).ToList();

        // The id of a bundle that takes back a report follows from the time at which it says so.
        AddAll(found.Exists(difference => difference.Kind.Contains("revoked report.", StringComparison.Ordinal))
            ? found.Select(difference => difference.Kind == $"{kind}.id differs" ? ($"{kind}: revoked report, id of the bundle", difference.Example) : difference)
            : found);
        if (found.Count == 0)
        {
            tally.Add($"{kind}: spelling of the JSON", $"{Short(old)} / {Short(now)}");
        }
    }

    private void AddAll(IEnumerable<(string Kind, string Example)> differences)
    {
        foreach ((var what, var example) in differences)
        {
            tally.Add(what, example);
        }
    }

    private static JsonNode WithoutOwn(JsonNode summary)
    {
        var copy = summary.DeepClone().AsObject();
        foreach (var name in _ownOfARun)
        {
            copy.Remove(name);
        }

        return copy;
    }

    /// <summary>STIX 1.1.1 is cut at its elements, everything else at its lines; a pretty-printed file of JSON is one record.</summary>
    private static IReadOnlyList<string> Split(string name, string path)
    {
        var text = Encoding.UTF8.GetString(File.ReadAllBytes(path));
        return text.StartsWith('<') ? text.Split('<')
            : name.EndsWith(".json", StringComparison.Ordinal) && name.Contains('/', StringComparison.Ordinal) ? [text]
            : text.Split('\n');
    }

    private static Dictionary<string, string> Files(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Select(path => (Name: Path.GetRelativePath(folder, path).Replace('\\', '/'), Path: path))
        .Where(file => file.Name == "config.ini" || !file.Name.StartsWith("config.", StringComparison.Ordinal))
        .ToDictionary(file => file.Name, file => file.Path, StringComparer.Ordinal);

    private static bool AreEqual(string left, string right)
    {
        using var before = File.OpenRead(left);
        using var after = File.OpenRead(right);
        if (before.Length != after.Length)
        {
            return false;
        }

        Span<byte> one = new byte[64 * 1024];
        Span<byte> other = new byte[64 * 1024];
        for (int read; (read = before.ReadAtLeast(one, one.Length, throwOnEndOfStream: false)) > 0;)
        {
            after.ReadExactly(other[..read]);
            if (!one[..read].SequenceEqual(other[..read]))
            {
                return false;
            }
        }

        return true;
    }

    private static JsonNode? TryParse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string WithoutControls(string text) =>
        new([.. text.Where(character => character is not ('\uFFFD' or '\u2028' or '\u2029' or '\r') && (!char.IsControl(character) || character == '\t'))]);

    private static string Short(string text) => text.Length > 200 ? text[..200] + "…" : text;
}
