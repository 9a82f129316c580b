namespace PhishMe.Engine.Configuration.Ini;

/// <summary>One key with its value, and where in the text they are.</summary>
internal sealed record IniEntry
{
    /// <summary>The key in lower case: keys are case-insensitive.</summary>
    public required string Key { get; init; }

    /// <summary>The value as Python has it: trimmed, literally (also <c>%</c> and quotes), continuation lines joined by a line
    /// feed.</summary>
    public required string Value { get; init; }

    /// <summary>The line of the key, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>The last line of the value, from 1; the same as <see cref="Line"/> when it has no continuation.</summary>
    public required int LastLine { get; init; }

    /// <summary>Blanks before the key.</summary>
    public required int Indentation { get; init; }

    /// <summary>Where in the text the value on the line of the key is; at the end of the line when it is empty there.</summary>
    internal required Range FirstLineValue { get; init; }

    /// <summary>The whole lines, with their ends, that continue the value (comments and blank lines between them are not in it).</summary>
    internal required IReadOnlyList<Range> ContinuationLines { get; init; }

    /// <summary>Where in the text the line after the last one of the value starts.</summary>
    internal required int End { get; init; }
}
