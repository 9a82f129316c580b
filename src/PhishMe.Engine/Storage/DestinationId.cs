namespace PhishMe.Engine.Storage;

/// <summary>
/// The identity of a destination, such as <c>raw_json</c>, <c>syslog@raw_cef</c> or <c>splunk_hec</c>. The state is keyed by it: it never changes, and it
/// does not depend on how the section of the configuration file is spelled.
/// </summary>
internal readonly record struct DestinationId : IComparable<DestinationId>
{
    /// <summary>What stands behind this is an output, not a host.</summary>
    private const string Collector = "syslog@";

    private readonly string? _text;

    /// <param name="text">Lower-case letters, digits and <c>_ @ . -</c>; 1 to 128 characters.</param>
    /// <exception cref="ArgumentException">The text is something else.</exception>
    public DestinationId(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _text = IsValid(text) ? text : throw new ArgumentException($"'{text}' cannot be the id of a destination.", nameof(text));
    }

    public static bool IsValid(string text) =>
        text.Length is > 0 and <= 128 && text.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character is '_' or '@' or '.' or '-');

    /// <summary>The host whose files they are, for an id such as <c>raw_json@collector-1</c>; null for what is not a host's own.</summary>
    public string? Host => ToString() is var text && text.LastIndexOf('@') is > 0 and var at && !text.StartsWith(Collector, StringComparison.Ordinal) ? text[(at + 1)..] : null;

    /// <summary>The id without the host.</summary>
    public string NameOnHost => Host is string host ? ToString()[..^(host.Length + 1)] : ToString();

    /// <summary>The id of the same destination as one host has it.</summary>
    /// <param name="host">The name of the host.</param>
    public DestinationId At(string host) => new($"{ToString()}@{host}");

    public int CompareTo(DestinationId other) => string.CompareOrdinal(ToString(), other.ToString());

    public override string ToString() => _text ?? string.Empty;
}
