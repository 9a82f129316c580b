using System.Buffers;
using System.Globalization;
using PhishMe.Engine.Configuration.Ini;

namespace PhishMe.Engine.Configuration;

/// <summary>The values of one section as what they mean. A value that is wrong becomes a finding, and its default takes its place, so that
/// reading finds everything at once.</summary>
internal sealed class SectionValues
{
    private const int LongestValueShown = 60;

    private static readonly SearchValues<char> _typographic = SearchValues.Create("\u201C\u201D\u201E\u201F\u2018\u2019\u201A\u201B\u00AB\u00BB\u2039\u203A\u2033\u2032");

    private readonly SectionSchema _schema;
    private readonly IniDocument _document;
    private readonly FindingCollector _findings;

    /// <param name="schema">What the section may hold.</param>
    /// <param name="name">Its name in this file, one of two spellings.</param>
    /// <param name="document">The file.</param>
    /// <param name="findings">Receives what is wrong.</param>
    /// <param name="context">The world outside the file.</param>
    /// <param name="folder">The folder that relative paths start from.</param>
    public SectionValues(
        SectionSchema schema, string name, IniDocument document, FindingCollector findings, ReadingContext context, string folder)
    {
        _schema = schema;
        Name = name;
        _document = document;
        _findings = findings;
        Context = context;
        Folder = folder;
        HeaderLine = document.FindSection(name)?.Line;
    }

    public string Name { get; }

    /// <summary>The world outside the file.</summary>
    public ReadingContext Context { get; }

    /// <summary>The folder that relative paths start from.</summary>
    public string Folder { get; }

    /// <summary>The line of the header; null when the section is missing.</summary>
    public int? HeaderLine { get; }

    public bool Exists => HeaderLine is not null;

    /// <summary>Whether the section is there and on. Asks for no key of a section that is not there.</summary>
    public bool IsInUse => Exists && Boolean("use");

    public int? LineOf(string key) => _document.Find(Name, key)?.Line;

    /// <summary>The value as it stands in the file, unchecked; null when missing or empty.</summary>
    public string? Unchecked(string key) => _document.Find(Name, key)?.Value.Trim() is { Length: > 0 } value ? value : null;

    public bool Boolean(string key)
    {
        var schema = Schema(key);
        var fallback = ParseBoolean(schema.Default) ?? false;
        if (OneLine(schema) is not { } value)
        {
            return fallback;
        }

        if (ParseBoolean(value) is { } parsed)
        {
            return parsed;
        }

        Report(FindingRules.NotABoolean, key, $"{Shown(schema, value)} is not a boolean. Write True or False.{CommentHint(value)}");
        return fallback;
    }

    /// <summary>The number, or its default.</summary>
    public int Integer(string key) => OptionalInteger(key) ?? int.Parse(Schema(key).Default, CultureInfo.InvariantCulture);

    /// <summary>The number, or its default, or null when it has none.</summary>
    public int? OptionalInteger(string key)
    {
        var schema = Schema(key);
        int? fallback = schema.Default.Length == 0 ? null : int.Parse(schema.Default, CultureInfo.InvariantCulture);
        if (OneLine(schema) is not { } value)
        {
            return fallback;
        }

        var advice = $"Write a number from {Invariant(schema.Minimum)} to {Invariant(schema.Maximum)}" +
            (schema.Default.Length > 0 ? $"; the default is {schema.Default}." : ".");
        if (!long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            Report(FindingRules.NotANumber, key, $"{Shown(schema, value)} is not a whole number. {advice}{CommentHint(value)}");
        }
        else if (number < schema.Minimum || number > schema.Maximum)
        {
            Report(FindingRules.OutOfRange, key, $"{Shown(schema, value)} is out of range. {advice}");
        }
        else
        {
            return (int)number;
        }

        return fallback;
    }

    public DateTimeOffset Date(string key)
    {
        var schema = Schema(key);
        var fallback = ParseDate(schema.Default) ?? DateTimeOffset.UnixEpoch;
        if (OneLine(schema) is not { } value)
        {
            return fallback;
        }

        if (ParseDate(value) is { } date)
        {
            return date;
        }

        Report(FindingRules.NotADate, key, $"{Shown(schema, value)} is not a date. Write it as YYYY-MM-DD, such as " +
            $"{schema.Default}.{CommentHint(value)}");
        return fallback;
    }

    /// <summary>The word in lower case, or its default (empty when it has none).</summary>
    public string Word(string key)
    {
        var schema = Schema(key);
        if (OneLine(schema) is not { } value)
        {
            return schema.Default;
        }

        if ((schema.Words.FirstOrDefault(word => word.Equals(value, StringComparison.OrdinalIgnoreCase)) ?? schema.Accepts?.Invoke(value)) is { } known)
        {
            return known;
        }

        Report(FindingRules.NotAChoice, key, $"{Shown(schema, value)} is not a valid value. Write {OneOf(schema.Words)}.{CommentHint(value)}");
        return schema.Default;
    }

    /// <summary>The text, or its default; null when empty.</summary>
    public string? Text(string key)
    {
        var schema = Schema(key);
        if (OneLine(schema) is not { } value)
        {
            return schema.Default.Length > 0 ? schema.Default : null;
        }

        WarnOfDecoration(schema, value);
        return IsLongEnough(schema, value) ? value : null;
    }

    /// <summary>The text; a finding when there is none.</summary>
    public string RequiredText(string key, string advice)
    {
        if (Text(key) is { } value)
        {
            return value;
        }

        ReportMissing(key, advice);
        return string.Empty;
    }

    /// <summary>The secret, fetched from where it is kept; null when there is none.</summary>
    public string? Secret(string key)
    {
        if (ReadSecret(key) is not string secret)
        {
            return null;
        }

        _findings.AddSecret(secret);
        return secret;
    }

    /// <summary>Notes secrets that are a part of a value.</summary>
    public void Hide(IEnumerable<string> secrets)
    {
        foreach (var secret in secrets)
        {
            _findings.AddSecret(secret);
        }
    }

    private string? ReadSecret(string key)
    {
        var schema = Schema(key);
        if (OneLine(schema) is not { } value)
        {
            return null;
        }

        if (SecretSource.IsLiteral(value))
        {
            WarnOfDecoration(schema, value);
            return IsLongEnough(schema, value) ? value : null;
        }

        if (SecretSource.TryResolve(value, Folder, Context, out var secret, out var exposure) is { } problem)
        {
            Report(FindingRules.SecretUnavailable, key, problem);
            return null;
        }

        if (exposure is not null)
        {
            Report(FindingRules.SecretExposed, key, exposure);
        }

        return IsLongEnough(schema, secret) ? secret : null;
    }

    /// <summary>The secret; a finding when there is none.</summary>
    public string RequiredSecret(string key, string advice)
    {
        if (Secret(key) is { } value)
        {
            return value;
        }

        ReportMissing(key, advice);
        return string.Empty;
    }

    /// <summary>Whether the section may have a key.</summary>
    public bool Has(string key) => _schema.Find(key) is not null;

    /// <summary>Whether a key has a default.</summary>
    public bool HasDefault(string key) => Schema(key).Default.Length > 0;

    /// <summary>The items of a list, or those of its default.</summary>
    public IReadOnlyList<string> ListOrDefault(string key) =>
        List(key) is { Count: > 0 } items ? items : Schema(key).Default.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>The items of a list.</summary>
    public IReadOnlyList<string> List(string key) =>
        Unchecked(key)?.Split([',', ';', ' ', '\t', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>The address without a trailing slash, or its default; null when it has none. Credentials in it are left where they
    /// are.</summary>
    public Uri? Url(string key)
    {
        var schema = Schema(key);
        var value = OneLine(schema) ?? (schema.Default.Length > 0 ? schema.Default : null);
        if (value is null)
        {
            return null;
        }

        WarnOfDecoration(schema, value);
        if (Uri.TryCreate(value.TrimEnd('/'), UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            && uri.Host.Length > 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0)
        {
            return uri;
        }

        var example = schema.Default.Length > 0 ? schema.Default : schema.Example.Length > 0 ? schema.Example : "http://proxy.example:3128";
        Report(FindingRules.NotAUrl, key, $"{Shown(schema, value)} is not a URL that begins with http:// or https://. Write it like " +
            $"{example}.{CommentHint(value)}");
        return null;
    }

    /// <summary>Reports a finding about a key of this section.</summary>
    public void Report(FindingRule rule, string key, string message) => _findings.Add(rule, LineOf(key), Name, key, message);

    /// <summary>Reports a finding about this section.</summary>
    public void ReportSection(FindingRule rule, string message) => _findings.Add(rule, HeaderLine, Name, null, message);

    /// <summary>Reports that a value is needed, unless another finding about this key says so already.</summary>
    public void ReportMissing(string key, string advice)
    {
        if (Unchecked(key) is null)
        {
            Report(FindingRules.ValueMissing, key, LineOf(key) is null ? $"The key is missing. {advice}" : $"The value is empty. {advice}");
        }
    }

    private static bool? ParseBoolean(string value) => value.ToUpperInvariant() switch
    {
        "1" or "YES" or "TRUE" or "ON" => true,
        "0" or "NO" or "FALSE" or "OFF" => false,
        _ => null,
    };

    private static DateTimeOffset? ParseDate(string value) =>
        DateTimeOffset.TryParseExact(value, "yyyy-M-d", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            ? date
            : null;

    private static string Invariant(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "any";

    private static string OneOf(IReadOnlyList<string> words) => $"{string.Join(", ", words.SkipLast(1))} or {words[^1]}";

    private static bool HasComment(string value) =>
        value.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Skip(1).Any(part => part[0] is ';' or '#');

    private static string CommentHint(string value) =>
        HasComment(value) ? " A comment needs a line of its own: move it there." : string.Empty;

    /// <summary>A value as a message may show it: never a secret, never credentials in an address, never long.</summary>
    internal static string Shown(KeySchema schema, string value)
    {
        if (schema.IsSecret || (schema.Kind == ValueKind.Url && value.Contains('@', StringComparison.Ordinal)))
        {
            return "The value";
        }

        var safe = new string([.. value.Take(LongestValueShown).Select(character => char.IsControl(character) ? '?' : character)]);
        return value.Length > LongestValueShown ? $"'{safe}…'" : $"'{safe}'";
    }

    /// <exception cref="ArgumentException">The section has no such key.</exception>
    internal KeySchema Schema(string key) => _schema.Find(key) ?? throw new ArgumentException($"[{_schema.Name}] has no {key}.", nameof(key));

    /// <summary>The value when there is one and it stands on one line; null when the default is to be taken.</summary>
    internal string? OneLine(KeySchema schema)
    {
        if (_document.Find(Name, schema.Name) is not { } entry)
        {
            return null;
        }

        var value = entry.Value.Trim();
        if (value.Length == 0)
        {
            if (schema.Default.Length > 0 && !schema.MayBeEmpty)
            {
                Report(FindingRules.ValueMissing, schema.Name, $"The value is empty. Give one ({schema.TypeInWords}), or remove the " +
                    $"line to use the default, {schema.Default}.");
            }

            return null;
        }

        if (!value.Contains('\n', StringComparison.Ordinal))
        {
            return value;
        }

        Report(FindingRules.ValueContinued, schema.Name,
            $"The value continues to line {Invariant(entry.LastLine)}, because the lines after it are indented. Remove the spaces at " +
            $"their start, or write the value on one line.");
        return null;
    }

    /// <summary>Reports what looks like a comment or quotes and is part of the value.</summary>
    internal void WarnOfDecoration(KeySchema schema, string value)
    {
        if (HasComment(value))
        {
            Report(FindingRules.InlineComment, schema.Name, "The text after ';' or '#' is part of the value. If it is a comment, move " +
                "it to a line of its own.");
        }

        if (value.Length > 1 && value[0] is '"' or '\'' && value[^1] == value[0])
        {
            Report(FindingRules.ValueQuoted, schema.Name, "The quotes are part of the value. Remove them.");
        }
        else if (value.AsSpan(0, 1).ContainsAny(_typographic) || value.AsSpan(value.Length - 1).ContainsAny(_typographic))
        {
            // Text processors make them while one types, and they come along with what is copied.
            Report(FindingRules.ValueQuoted, schema.Name, "The value begins or ends with a typographic quote, which is part of the value. Remove it.");
        }
    }

    private bool IsLongEnough(KeySchema schema, string value)
    {
        if (value.Length >= schema.MinimumLength)
        {
            return true;
        }

        Report(FindingRules.TooShort, schema.Name, $"{Shown(schema, value)} has fewer than {Invariant(schema.MinimumLength)} " +
            $"characters. Write it in full{(schema.IsSecret
            ? ", as the portal shows it."
            : ", or empty it.")}");
        return false;
    }
}
