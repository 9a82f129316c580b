namespace PhishMe.Intelligence;

/// <summary>The words of the Traffic Light Protocol, as people write them.</summary>
public static class TlpLevels
{
    /// <summary>
    /// Reads a word in any case, with or without <c>TLP:</c>: <c>amber</c>, <c>TLP:AMBER+STRICT</c>, <c>white</c> for clear. The strict form may also be
    /// written with a hyphen, an underscore, a blank or nothing.
    /// </summary>
    /// <param name="text">The word.</param>
    /// <param name="level">The level.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string? text, out TlpLevel level)
    {
        var word = (text ?? "").Trim();
        if (word.StartsWith("TLP", StringComparison.OrdinalIgnoreCase))
        {
            word = word[3..].TrimStart(' ', ':', '-', '_');
        }

        TlpLevel? found = word.ToUpperInvariant().Replace(" ", "", StringComparison.Ordinal) switch
        {
            "NONE" => TlpLevel.None,
            "CLEAR" or "WHITE" => TlpLevel.Clear,
            "GREEN" => TlpLevel.Green,
            "AMBER" => TlpLevel.Amber,
            "AMBER+STRICT" or "AMBER-STRICT" or "AMBER_STRICT" or "AMBERSTRICT" => TlpLevel.AmberStrict,
            "RED" => TlpLevel.Red,
            _ => null,
        };
        level = found ?? TlpLevel.None;
        return found is not null;
    }

    /// <summary>The word of TLP 2.0 in lower case, such as <c>amber+strict</c>.</summary>
    /// <param name="level">The level.</param>
    /// <returns>The word.</returns>
    public static string WordOf(TlpLevel level) => level switch
    {
        TlpLevel.None => "none",
        TlpLevel.Clear => "clear",
        TlpLevel.Green => "green",
        TlpLevel.Amber => "amber",
        TlpLevel.AmberStrict => "amber+strict",
        TlpLevel.Red => "red",
        _ => throw new ArgumentOutOfRangeException(nameof(level), level, "There is no such level."),
    };
}
