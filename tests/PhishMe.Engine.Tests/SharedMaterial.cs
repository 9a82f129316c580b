namespace PhishMe.Engine.Tests;

/// <summary>
/// Sample answers and schemas that lie beside the repository (<c>../shared</c>) and are not part of it. The environment variable PHISHME_SHARED names
/// another place. Tests that need them are skipped, and say so, where they are not.
/// </summary>
internal static class SharedMaterial
{
    private const string Solution = "PhishMe.PowerShell.sln";

    public static string? Root { get; } = Find();

    public static string Folder(params string[] parts)
    {
        var folder = Root is null ? null : Path.Combine([Root, .. parts]);
        Assert.SkipUnless(Directory.Exists(folder), "skipped: ../shared is not there");
        return folder!;
    }

    public static IEnumerable<(string Name, byte[] Json)> Threats()
    {
        foreach (var file in Directory.EnumerateFiles(Folder("fixtures", "threats"), "*.json").Order(StringComparer.Ordinal))
        {
            yield return (Path.GetFileNameWithoutExtension(file), File.ReadAllBytes(file));
        }
    }

    public static IEnumerable<(string Name, byte[] Json)> Envelopes()
    {
        foreach (var file in Directory.EnumerateFiles(Folder("fixtures", "envelopes"), "search_*.json").Order(StringComparer.Ordinal))
        {
            yield return (Path.GetFileNameWithoutExtension(file), File.ReadAllBytes(file));
        }
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("PHISHME_SHARED") is { Length: > 0 } named)
        {
            return named;
        }

        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Solution)))
            {
                return folder.Parent is { } parent && Directory.Exists(Path.Combine(parent.FullName, "shared"))
                    ? Path.Combine(parent.FullName, "shared")
                    : null;
            }
        }

        return null;
    }
}
