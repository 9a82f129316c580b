namespace PhishMe.Engine.Tests;

/// <summary>Samples and schemas that may lie in a folder <c>shared</c> beside the repository, or where PHISHME_SHARED says.</summary>
internal static class SharedMaterial
{
    /// <summary>The path below the folder; null when it is not there.</summary>
    public static string? TryFind(string relativePath)
    {
        foreach (string root in Roots())
        {
            string path = Path.Combine(root, relativePath);
            if (Path.Exists(path))
            {
                return path;
            }
        }

        return null;
    }

    /// <summary>The path below the folder; the test is skipped when it is not there.</summary>
    public static string Find(string relativePath)
    {
        string? path = TryFind(relativePath);
        Assert.SkipWhen(path is null, $"skipped: ../shared/{relativePath} is not there");
        return path;
    }

    private static IEnumerable<string> Roots()
    {
        if (Environment.GetEnvironmentVariable("PHISHME_SHARED") is { Length: > 0 } named)
        {
            yield return named;
        }

        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "PhishMe.PowerShell.sln")) && folder.Parent is DirectoryInfo parent)
            {
                yield return Path.Combine(parent.FullName, "shared");
            }
        }
    }
}
