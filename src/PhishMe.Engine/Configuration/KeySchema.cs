using System.Globalization;

namespace PhishMe.Engine.Configuration;

/// <summary>Everything there is to know about one key.</summary>
internal sealed record KeySchema
{
    /// <summary>The key, in lower case.</summary>
    public required string Name { get; init; }

    /// <summary>What its value is.</summary>
    public required ValueKind Kind { get; init; }

    /// <summary>The value of a missing key, as it would stand in the file; empty when there is none or when it depends on the rest of the
    /// file (the description says so).</summary>
    public string Default { get; init; } = string.Empty;

    /// <summary>One line on what it is for.</summary>
    public required string Description { get; init; }

    /// <summary>A value as an example in messages, for an address without a default; empty for none.</summary>
    public string Example { get; init; } = string.Empty;

    /// <summary>Smallest allowed number.</summary>
    public int? Minimum { get; init; }

    /// <summary>Largest allowed number.</summary>
    public int? Maximum { get; init; }

    /// <summary>Fewest characters of a text.</summary>
    public int MinimumLength { get; init; }

    /// <summary>The allowed words, in lower case; the first of several for the same thing is the one to show.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>Reads other spellings of a word: gives one of <see cref="Words"/>, or null. Null when there are no others.</summary>
    public Func<string, string?>? Accepts { get; init; }

    /// <summary>Whether an empty value means the default, as an empty value of a path or text always does; else a key with a default must
    /// have a value.</summary>
    public bool MayBeEmpty { get; init; }

    /// <summary>Whether the value must be there when the section is in use.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Whether the value is a secret: never shown, and <c>env:NAME</c>, <c>file:PATH</c> and <c>secret:NAME</c> are
    /// resolved.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Whether the key is accepted for the sake of old files and has no effect.</summary>
    public bool IsIgnored { get; init; }

    /// <summary>Which configuration files have it.</summary>
    public KnownIn KnownIn { get; init; } = KnownIn.Original;

    /// <summary>Type and range in words, such as <c>number, 1 to 100</c>.</summary>
    public string TypeInWords => Kind switch
    {
        ValueKind.Boolean => "True or False",
        ValueKind.Number when Minimum is not null => string.Create(CultureInfo.InvariantCulture, $"number, {Minimum} to {Maximum}"),
        ValueKind.Number => "number",
        ValueKind.Date => "YYYY-MM-DD",
        ValueKind.Word => string.Join(" | ", Words),
        ValueKind.Url => "URL",
        ValueKind.OutputFile or ValueKind.InputFile => "path of a file",
        ValueKind.OutputFolder => "path of a folder",
        ValueKind.List => "list",
        _ when IsSecret => "text, env:, file: or secret:",
        _ => "text",
    };
}
