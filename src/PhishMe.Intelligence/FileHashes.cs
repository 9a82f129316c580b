namespace PhishMe.Intelligence;

/// <summary>The hashes of one file as received; any of them may be missing or malformed.</summary>
public sealed record FileHashes
{
    /// <summary>No hash at all.</summary>
    public static FileHashes None { get; } = new();

    /// <summary>MD5.</summary>
    public string? Md5 { get; init; }

    /// <summary>SHA-1.</summary>
    public string? Sha1 { get; init; }

    /// <summary>SHA-224.</summary>
    public string? Sha224 { get; init; }

    /// <summary>SHA-256.</summary>
    public string? Sha256 { get; init; }

    /// <summary>SHA-384.</summary>
    public string? Sha384 { get; init; }

    /// <summary>SHA-512.</summary>
    public string? Sha512 { get; init; }

    /// <summary>The fuzzy hash made by ssdeep.</summary>
    public string? Ssdeep { get; init; }

    /// <summary>Those there are, weakest first, ssdeep last.</summary>
    /// <returns>Kind and value.</returns>
    public IEnumerable<KeyValuePair<IndicatorKind, string>> Known()
    {
        for (var kind = IndicatorKind.Md5; kind <= IndicatorKind.Ssdeep; kind++)
        {
            if (this[kind] is { } value)
            {
                yield return new(kind, value);
            }
        }
    }

    /// <summary>The hash of a kind, or null.</summary>
    /// <param name="kind">One of the hash kinds.</param>
    public string? this[IndicatorKind kind] => kind switch
    {
        IndicatorKind.Md5 => Md5,
        IndicatorKind.Sha1 => Sha1,
        IndicatorKind.Sha224 => Sha224,
        IndicatorKind.Sha256 => Sha256,
        IndicatorKind.Sha384 => Sha384,
        IndicatorKind.Sha512 => Sha512,
        IndicatorKind.Ssdeep => Ssdeep,
        _ => null,
    };

    /// <summary>These hashes with another one.</summary>
    /// <param name="kind">One of the hash kinds.</param>
    /// <param name="value">The hash.</param>
    /// <returns>The hashes; the same for other kinds.</returns>
    public FileHashes With(IndicatorKind kind, string value) => kind switch
    {
        IndicatorKind.Md5 => this with { Md5 = value },
        IndicatorKind.Sha1 => this with { Sha1 = value },
        IndicatorKind.Sha224 => this with { Sha224 = value },
        IndicatorKind.Sha256 => this with { Sha256 = value },
        IndicatorKind.Sha384 => this with { Sha384 = value },
        IndicatorKind.Sha512 => this with { Sha512 = value },
        IndicatorKind.Ssdeep => this with { Ssdeep = value },
        _ => this,
    };

    /// <summary>The strongest plain hash there is.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Sha256 ?? Sha1 ?? Md5 ?? Sha512 ?? Sha384 ?? Sha224 ?? Ssdeep ?? "";
}
