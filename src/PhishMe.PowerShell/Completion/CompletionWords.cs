using System.Management.Automation;

namespace PhishMe.PowerShell.Completion;

/// <summary>Makes completions of words.</summary>
internal static class CompletionWords
{
    private static readonly char[] Special = [.. " '\"`$(){}[];,|&<>@#"];

    /// <summary>The words that begin with what was typed, in order, quoted where needed.</summary>
    /// <param name="words">The words.</param>
    /// <param name="typed">What was typed, perhaps with an opening quote.</param>
    /// <returns>The completions.</returns>
    public static IEnumerable<CompletionResult> Of(IEnumerable<string> words, string typed)
    {
        var begin = typed.TrimStart('\'', '"').TrimEnd('\'', '"');
        return words
            .Where(word => word.StartsWith(begin, StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.OrdinalIgnoreCase)
            .Select(word => new CompletionResult(Quoted(word), word, CompletionResultType.ParameterValue, word));
    }

    private static string Quoted(string word) =>
        word.IndexOfAny(Special) < 0 ? word : $"'{word.Replace("'", "''", StringComparison.Ordinal)}'";
}
