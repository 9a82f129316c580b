namespace PhishMe.PowerShell.Tests;

/// <summary>A file of the repository that is made from the code. To write it again: <c>PHISHME_REGENERATE=1 dotnet test</c>.</summary>
internal static class CommittedFile
{
    public static void AssertIs(string path, string expected)
    {
        var file = Path.Combine(BuiltModule.RepositoryRoot, path);
        if (Environment.GetEnvironmentVariable("PHISHME_REGENERATE") == "1")
        {
            File.WriteAllText(file, expected);
        }

        Assert.Equal(expected, File.ReadAllText(file), ignoreLineEndingDifferences: true);
    }
}
