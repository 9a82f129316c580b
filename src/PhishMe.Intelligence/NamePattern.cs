using System.IO.Enumeration;

namespace PhishMe.Intelligence;

/// <summary>Names of families, brands and roles as people ask for them: in any case, <c>*</c> for any characters, <c>?</c> for one.</summary>
public static class NamePattern
{
    private static readonly System.Buffers.SearchValues<char> _wildcards = System.Buffers.SearchValues.Create("*?");

    /// <summary>Whether a name has wildcards, so that only a comparison here can tell what it matches.</summary>
    /// <param name="name">The name.</param>
    /// <returns>True when it has.</returns>
    public static bool HasWildcard(string? name) => name.AsSpan().ContainsAny(_wildcards);

    /// <summary>Whether a name is among those asked for.</summary>
    /// <param name="patterns">What was asked for.</param>
    /// <param name="name">The name; null matches nothing.</param>
    /// <returns>True when any of them matches.</returns>
    public static bool MatchesAny(IReadOnlyList<string> patterns, string? name)
    {
        ArgumentNullException.ThrowIfNull(patterns);
        if (name is null)
        {
            return false;
        }

        for (var i = 0; i < patterns.Count; i++)
        {
            var pattern = patterns[i];
            if (HasWildcard(pattern)
                ? FileSystemName.MatchesSimpleExpression(pattern.Replace(@"\", @"\\", StringComparison.Ordinal), name, ignoreCase: true)
                : pattern.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
