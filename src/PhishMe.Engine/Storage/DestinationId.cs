namespace PhishMe.Engine.Storage;

/// <summary>
/// The identity of a destination, such as <c>raw_json</c>, <c>syslog@raw_cef</c> or <c>splunk_hec</c>. The state is keyed by it: it never changes, and it
/// does not depend on how the section of the configuration file is spelled.
/// </summary>
internal readonly record struct DestinationId : IComparable<DestinationId>
{
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

    public int CompareTo(DestinationId other) => string.CompareOrdinal(ToString(), other.ToString());

    public override string ToString() => _text ?? string.Empty;
}
