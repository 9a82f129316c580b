using System.Text;
using PhishMe.Engine.Api;
using PhishMe.Engine.Configuration.Ini;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Sync;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Torture.Fuzzing;

/// <summary>One reader under fire: feeds it an input and says what is wrong with what came out. Exceptions it does not document escape.</summary>
/// <param name="Name">Its name in reports.</param>
/// <param name="Sample">Which samples it starts from.</param>
/// <param name="Feed">Null when all is well.</param>
internal sealed record FuzzTarget(string Name, string Sample, Func<byte[], string?> Feed)
{
    private const string NewPosition = "00112233-4455-6677-8899-aabbccddeeff";

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("ini reader and writer", "ini", Ini),
        new("threat model", "json", ThreatModel),
        new("search page", "search", SearchAnswer),
        new("changelog page", "changelog", Changelog),
        new("CEF lines", "cef", CefLines),
        new("STIX package", "stix", StixPackage),
    ];

    private static string? Ini(byte[] input)
    {
        var text = IniText.Decode(input);
        if (text.IsWide)
        {
            return null;
        }

        if (!text.Encode(text.Text).AsSpan().SequenceEqual(input))
        {
            return "bytes are lost between file and text";
        }

        var document = IniDocument.Parse(text.Text);
        if (IniEdit.TrySetValue(document, "pm_api", "position", NewPosition) is string changed)
        {
            var again = IniDocument.Parse(changed);
            if (again.Find("pm_api", "position")?.Value != NewPosition)
            {
                return "the value written is not the value read";
            }

            var back = IniEdit.TrySetValue(again, "pm_api", "position", NewPosition) ?? "?";
            if (back != changed)
            {
                return "writing the same value again changes the file";
            }
        }

        return null;
    }

    private static string? ThreatModel(byte[] input)
    {
        try
        {
            var threat = ThreatReader.Read(input);
            return threat.Id.Number < 0 ? "an id below zero" : null;
        }
        catch (PhishMeException)
        {
            return null;
        }
    }

    private static string? SearchAnswer(byte[] input)
    {
        using var response = new HttpResponseMessage { Content = new ByteArrayContent(input) };
        var body = ResponseBody.ReadAsync(response, ApiLimits.LargestPageBytes, "fuzz", CancellationToken.None).GetAwaiter().GetResult();
        try
        {
            using var page = SearchPageReader.Read(body, "fuzz");
            foreach (var document in page.Threats)
            {
                // What is passed on must be what was received, and one line of it in the append file.
                if (input.AsSpan().IndexOf(document.Json.Span) < 0)
                {
                    return "a threat is no slice of the answer";
                }

                if (CompactJson.Of(document.Json).Span.IndexOfAny((byte)'\n', (byte)'\r') >= 0)
                {
                    return "a threat takes more than one line";
                }

                LegacyJsonRenderer.Render(document.Json, new System.Buffers.ArrayBufferWriter<byte>());
                if (!document.Id.ToString()[2..].All(char.IsAsciiDigit))
                {
                    return "an id that is no number";
                }
            }

            return null;
        }
        catch (ApiException)
        {
            return null;
        }
    }

    private static string? Changelog(byte[] input)
    {
        try
        {
            var page = ChangelogPage.Read(input, "fuzz");
            return page.Entries.Count + page.Unreadable > page.RawCount ? "more entries than were sent"
                : page.NextPosition.AsSpan().Trim().IsEmpty ? "an empty position"
                : null;
        }
        catch (ApiException)
        {
            return null;
        }
    }

    private static string? CefLines(byte[] input)
    {
        var threats = CefLineReader.GroupByThreat(input);
        var grouped = threats.Threats.Sum(threat => threat.Lines.Sum(line => (long)line.Length)) + threats.Strays.Sum(stray => (long)stray.Bytes.Length);
        var read = CefLineReader.Read(input).Sum(line => (long)line.Bytes.Length);
        return grouped != read ? "lines are lost between reading and grouping"
            : CefLineReader.Read(input).Any(line => line.Bytes.Span.IndexOfAny((byte)'\r', (byte)'\n') >= 0) ? "a line holds a line break"
            : null;
    }

    private static string? StixPackage(byte[] input)
    {
        var package = StixPackageReader.Read(input);
        if (package.IsWellFormed && Encoding.UTF8.GetString(input).Contains("<!DOCTYPE", StringComparison.Ordinal) && package.Number is not null
            && Encoding.UTF8.GetString(input).TrimStart('\uFEFF').TrimStart().StartsWith("<!DOCTYPE", StringComparison.Ordinal))
        {
            return "a document type was accepted";
        }

        _ = StixRendition.Of(input);
        return null;
    }
}
