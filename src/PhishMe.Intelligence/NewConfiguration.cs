namespace PhishMe.Intelligence;

/// <summary>A configuration file to be made.</summary>
public sealed record NewConfiguration
{
    /// <summary>Full path of the file.</summary>
    public required string Path { get; init; }

    /// <summary>Whether a file that is there already is replaced.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Whether the sections of products that are known but not implemented are written too.</summary>
    public bool IncludePlanned { get; init; }

    /// <summary>Values that differ from the default, by <c>section.key</c>.</summary>
    public IReadOnlyDictionary<string, string> Values { get; init; } = new Dictionary<string, string>();
}
