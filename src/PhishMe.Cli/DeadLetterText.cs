using System.Globalization;
using System.Text.Json;
using PhishMe.Intelligence;

namespace PhishMe.Cli;

/// <summary>The dead letters for a person or, as JSON, for a program.</summary>
internal static class DeadLetterText
{
    public static async Task WriteAsync(IReadOnlyList<DeadLetterRecord> letters, bool json, TextWriter output)
    {
        foreach (var letter in letters)
        {
            await output.WriteLineAsync(json ? Json(letter) : string.Create(
                CultureInfo.InvariantCulture,
                $"{VisibleText.Of(letter.Subject)} in {letter.Format.ToString().ToUpperInvariant()}: tried {letter.Attempts} time(s) since {letter.FirstFailedAt:yyyy-MM-dd HH:mm'Z'}, "
                + $"{(!DeadLetterLine.IsRetried(letter) ? "will not be requested again" : $"due {letter.DueAt:yyyy-MM-dd HH:mm'Z'}")}. {VisibleText.Of(letter.Reason)}"));
        }

        if (letters.Count == 0 && !json)
        {
            await output.WriteLineAsync("No dead letters.");
        }
    }

    private static string Json(DeadLetterRecord letter) => JsonSerializer.Serialize(DeadLetterLine.Of(letter), DeadLetterJson.Default.DeadLetterLine);
}
