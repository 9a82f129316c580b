using System.Management.Automation;

namespace PhishMe.InProcess.Tests;

/// <summary>What a line left.</summary>
/// <param name="Output">The objects.</param>
/// <param name="Errors">Errors that did not end it.</param>
/// <param name="Thrown">The error that ended it; null when it came to its end.</param>
/// <param name="Warnings">The warnings.</param>
/// <param name="Progress">The progress records.</param>
internal sealed record ShellResult(
    IReadOnlyList<PSObject> Output, IReadOnlyList<ErrorRecord> Errors, ErrorRecord? Thrown, IReadOnlyList<string> Warnings, IReadOnlyList<ProgressRecord> Progress)
{
    /// <summary>The objects as text.</summary>
    public IReadOnlyList<string> Text => [.. Output.Select(item => item.ToString())];

    /// <summary>The id of an error without the name of the command.</summary>
    public static string IdOf(ErrorRecord error) => error.FullyQualifiedErrorId.Split(',')[0];

    /// <summary>The values of a property.</summary>
    public IReadOnlyList<string?> Values(string property) => [.. Output.Select(item => item.Properties[property]?.Value?.ToString())];
}
