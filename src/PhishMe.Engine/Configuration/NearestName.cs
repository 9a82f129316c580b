namespace PhishMe.Engine.Configuration;

/// <summary>What someone may have meant who mistyped a name.</summary>
internal static class NearestName
{
    private const int LongestName = 64;
    private const int MostChanges = 3;

    /// <summary>Finds the known name with the fewest letters to change.</summary>
    /// <returns>The name, or null when none is near.</returns>
    public static string? Find(string name, IEnumerable<string> known)
    {
        if (name.Length > LongestName)
        {
            return null;
        }

        var nearest = known
            .Select(candidate => (candidate, distance: Distance(name.ToUpperInvariant(), candidate.ToUpperInvariant())))
            .DefaultIfEmpty((candidate: string.Empty, distance: int.MaxValue))
            .MinBy(pair => pair.distance);
        return nearest.distance <= Math.Clamp(name.Length / 3, 1, MostChanges) ? nearest.candidate : null;
    }

    /// <summary>Letters to insert, remove or replace (Levenshtein).</summary>
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var replace = diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replace, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[^1];
    }
}
