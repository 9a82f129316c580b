using PhishMe.Engine.Configuration;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>The key <c>formats</c> of products that read files.</summary>
internal static class FeedFormats
{
    /// <summary>csv, txt or both, in that order.</summary>
    public static IReadOnlyList<string> Read(SectionValues section)
    {
        var words = section.ListOrDefault("formats");
        foreach (var word in words.Where(word => !IsCsv(word) && !IsText(word)))
        {
            section.Report(FindingRules.NotAChoice, "formats", $"'{VisibleText.Of(word)}' is not a format. Write csv, txt or both.");
        }

        return [.. words.Any(IsCsv) ? (string[])["csv"] : [], .. words.Any(IsText) ? (string[])["txt"] : []];
    }

    private static bool IsCsv(string word) => word.Equals("csv", StringComparison.OrdinalIgnoreCase);

    private static bool IsText(string word) => word.Equals("txt", StringComparison.OrdinalIgnoreCase);
}
