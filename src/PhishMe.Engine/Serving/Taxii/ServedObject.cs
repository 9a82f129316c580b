namespace PhishMe.Engine.Serving.Taxii;

/// <summary>An object as it is served.</summary>
internal sealed record ServedObject
{
    public required string Id { get; init; }

    /// <summary>Date added, epoch milliseconds; also the version, but of what has none.</summary>
    public required long Added { get; init; }

    /// <summary>The version as the object has it.</summary>
    public required string Version { get; init; }

    /// <summary>The collections that it is in: a bit for each.</summary>
    public required int Collections { get; init; }

    /// <summary>The object.</summary>
    public required ReadOnlyMemory<byte> Json { get; init; }

    /// <summary>The type, which the id begins with.</summary>
    public ReadOnlySpan<char> Type => Id.AsSpan(0, Id.IndexOf("--", StringComparison.Ordinal));
}
