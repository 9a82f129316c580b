namespace PhishMe.Engine.Configuration.Ini;

/// <summary>One section and its keys.</summary>
internal sealed record IniSection
{
    /// <summary>The name without brackets: case-sensitive.</summary>
    public required string Name { get; init; }

    /// <summary>The line of the header, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>All entries in the order of the file, repeated keys included.</summary>
    public required IReadOnlyList<IniEntry> Entries { get; init; }

    /// <summary>Blanks before the header.</summary>
    internal required int Indentation { get; init; }

    /// <summary>Where in the text the line after the header starts.</summary>
    internal required int HeaderEnd { get; init; }

    /// <summary>Finds a key; of repeated ones the last.</summary>
    /// <param name="key">The key, in any case.</param>
    /// <returns>The entry, or null.</returns>
    public IniEntry? Find(string key) => Entries.LastOrDefault(entry => entry.Key.Equals(key, StringComparison.OrdinalIgnoreCase));
}
