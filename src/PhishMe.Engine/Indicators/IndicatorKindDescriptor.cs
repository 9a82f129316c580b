using PhishMe.Intelligence;

namespace PhishMe.Engine.Indicators;

/// <summary>All there is to know of a kind of indicator that does not depend on a single value.</summary>
internal sealed record IndicatorKindDescriptor
{
    /// <summary>The kind.</summary>
    public required IndicatorKind Kind { get; init; }

    /// <summary>The word in CSV and in messages to machines: the name of the kind in lower case.</summary>
    public required string Word { get; init; }

    /// <summary>How its values are written.</summary>
    public required IndicatorShape Shape { get; init; }

    /// <summary>Hex digits of a plain hash; null for what is no plain hash.</summary>
    public int? HashLength { get; init; }

    /// <summary>Whether it is a hash of a file, plain or fuzzy.</summary>
    public bool IsHash => Shape is IndicatorShape.Hash or IndicatorShape.FuzzyHash;

    /// <summary>Whether it is, or is reached over, a host: a name, an address, a URL or a mailbox.</summary>
    public bool IsNetwork => Shape is IndicatorShape.Address or IndicatorShape.Name or IndicatorShape.Url or IndicatorShape.Mailbox;

    /// <summary>The hash of the file without content. Sandboxes and broken downloads report it; it matches every empty file. Null for what is no plain hash.</summary>
    public string? EmptyFile { get; init; }

    /// <summary>Whether lists that are enforced can hold it at all.</summary>
    public required bool CanBeBlocked { get; init; }

    /// <summary>Class and name of a watch-list event in CEF (reference/cef.md §1.2), with the pipe between and behind them; null when the feed has no class.</summary>
    public string? CefClassAndName { get; init; }

    /// <summary>Label of the custom string in CEF that holds the value.</summary>
    public string? CefLabel { get; init; }

    /// <summary>Object path in a STIX pattern (STIX 2.1, 9.4); null when patterns have none.</summary>
    public string? StixPath { get; init; }

    /// <summary>Word of HashNameVocab-1.0 in STIX 1.1.1; null for what is no hash.</summary>
    public string? StixHashName { get; init; }

    /// <summary>Title and type of an indicator in STIX 1.1.1 (reference/stix.md §3); null when there is no object for it.</summary>
    public (string Title, string Type)? StixWatchlist { get; init; }

    /// <summary>Attribute type in MISP; null when there is none.</summary>
    public string? MispType { get; init; }

    /// <summary>Attribute type in MISP of what a message came from; null when it is the same.</summary>
    public string? MispSenderType { get; init; }
}
