namespace PhishMe.Torture;

/// <summary>Samples that may lie in a folder <c>shared</c> beside the repository, or where PHISHME_SHARED says.</summary>
internal static class SharedFolder
{
    /// <returns>The path below the folder; null when it is not there.</returns>
    public static string? Find(string relativePath)
    {
        IEnumerable<string> roots = Environment.GetEnvironmentVariable("PHISHME_SHARED") is { Length: > 0 } named ? [named] : [];
        for (DirectoryInfo? folder = new(Environment.CurrentDirectory); folder is not null; folder = folder.Parent)
        {
            roots = roots.Append(Path.Combine(folder.FullName, "shared"));
        }

        return roots.Select(root => Path.Combine(root, relativePath)).FirstOrDefault(Path.Exists);
    }
}
