namespace PhishMe.Engine.Storage;

/// <summary>Where a state is: in a file of this host, or in a database that hosts share.</summary>
internal sealed record StateLocation
{
    /// <summary>Full path of the state file. With a shared state no such file is made.</summary>
    public required string File { get; init; }

    /// <summary>The database; null when the state is in the file.</summary>
    public SharedStateAddress? Shared { get; init; }

    /// <summary>What messages call it.</summary>
    public string Name => Shared?.Name ?? File;

    /// <summary>A state in a file.</summary>
    /// <param name="path">The path.</param>
    public static StateLocation OfFile(string path) => new() { File = path };
}
