using PhishMe.Intelligence;

namespace PhishMe.Engine.Configuration;

/// <summary>Everything there is to know about one section.</summary>
internal sealed record SectionSchema
{
    /// <summary>The name without brackets; case-sensitive.</summary>
    public required string Name { get; init; }

    /// <summary>Another spelling, of the documentation of 2017 or of the original; null for none. <see cref="Name"/> is the one of the
    /// sample file.</summary>
    public string? OtherName { get; init; }

    /// <summary>One line on what it is for.</summary>
    public required string Description { get; init; }

    /// <summary>Declares its keys. Called when the first one is asked for: a file has few of the sections, and a look-up needs fewer still.</summary>
    public required Func<IReadOnlyList<KeySchema>> DeclareKeys { private get; init; }

    /// <summary>Its keys.</summary>
    public IReadOnlyList<KeySchema> Keys => field ??= DeclareKeys();

    /// <summary>Which configuration files have it.</summary>
    public KnownIn KnownIn { get; init; } = KnownIn.Original;

    /// <summary>The format of a raw output; null for other sections.</summary>
    public OutputFormat? Format { get; init; }

    /// <summary>Whether the section belongs to something that is not implemented yet: known, accepted with any key, of no effect.</summary>
    public bool IsPlanned { get; init; }

    /// <summary>Whether the section is accepted for the sake of old files and has no effect.</summary>
    public bool IsIgnored { get; init; }

    /// <summary>Finds a key.</summary>
    /// <param name="key">The key, in any case.</param>
    /// <returns>The schema of the key, or null when the section has no such key.</returns>
    public KeySchema? Find(string key) => Keys.FirstOrDefault(candidate => candidate.Name.Equals(key, StringComparison.OrdinalIgnoreCase));
}
