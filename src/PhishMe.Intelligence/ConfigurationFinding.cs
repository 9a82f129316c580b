using System.Globalization;

namespace PhishMe.Intelligence;

/// <summary>One error, warning or note about a configuration file.</summary>
public sealed record ConfigurationFinding
{
    /// <summary>How serious it is.</summary>
    public required FindingSeverity Severity { get; init; }

    /// <summary>Stable, PascalCase id of the rule.</summary>
    public required string Id { get; init; }

    /// <summary>Full path of the configuration file.</summary>
    public required string File { get; init; }

    /// <summary>Line, counted from 1; null when the finding is about something that is missing.</summary>
    public int? Line { get; init; }

    /// <summary>Section, without brackets.</summary>
    public string? Section { get; init; }

    /// <summary>Key.</summary>
    public string? Key { get; init; }

    /// <summary>What is wrong and what to write instead; never a secret value.</summary>
    public required string Message { get; init; }

    /// <summary><c>file(line): severity Id: [section] key: message</c>.</summary>
    /// <returns>The text.</returns>
    public override string ToString()
    {
        var line = Line is int n ? string.Create(CultureInfo.InvariantCulture, $"({n})") : string.Empty;
        var place = (Section, Key) switch
        {
            (null, _) => string.Empty,
            (_, null) => $"[{Section}]: ",
            _ => $"[{Section}] {Key}: ",
        };
#pragma warning disable CA1308 // Severity words are lower case in compiler-style messages.
        return $"{File}{line}: {Severity.ToString().ToLowerInvariant()} {Id}: {place}{Message}";
#pragma warning restore CA1308
    }
}
