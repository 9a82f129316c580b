using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using PhishMe.Engine.Indicators;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Indicators;

/// <summary>
/// The table of host characters is what the Unicode Character Database says. To make it again:
/// <c>PHISHME_UNICODE=folder PHISHME_REGENERATE=1 dotnet test --filter HostCharacterTable</c>, with UnicodeData.txt and DerivedNormalizationProps.txt of
/// unicode.org/Public/VERSION/ucd in the folder (Debian has them in the package unicode-data). IdnaTestV2.txt beside them is read, too.
/// </summary>
public sealed partial class HostCharacterTableTests
{
    private static readonly string? _folder = Environment.GetEnvironmentVariable("PHISHME_UNICODE");

    [Fact]
    public void The_table_is_made_from_the_unicode_character_database()
    {
        Assert.SkipWhen(_folder is null, "PHISHME_UNICODE names no folder.");
        var made = new HostCharacterTable(_folder).ToBytes();
        var path = Path.Combine(Path.GetDirectoryName(Here())!, "..", "..", "..", "src", "PhishMe.Engine", "Indicators", "HostCharacters.bin");
        if (Environment.GetEnvironmentVariable("PHISHME_REGENERATE") == "1")
        {
            File.WriteAllBytes(path, made);
        }

        Assert.Equal(made, File.ReadAllBytes(path));
    }

    [Fact]
    public void The_names_of_the_conformance_test_are_written_as_it_says()
    {
        var tests = Path.Combine(_folder ?? string.Empty, "IdnaTestV2.txt");
        Assert.SkipUnless(File.Exists(tests), "IdnaTestV2.txt is not in the folder that PHISHME_UNICODE names.");
        var wrong = new List<string>();
        var read = 0;
        foreach (var line in File.ReadLines(tests))
        {
            string[] fields = [.. line.Split('#')[0].Split(';').Select(field => field.Trim())];

            // Names that are refused by rules we do not have (bidirectional text, joining types, length) are of no interest: no one resolves them.
            if (fields.Length < 5 || Unescaped(fields[0]) is not { Length: > 0 } source)
            {
                continue;
            }

            var unicode = fields[1].Length == 0 ? source : Unescaped(fields[1]);
            var ascii = fields[3].Length == 0 ? unicode : Unescaped(fields[3]);
            var status = fields[4].Length == 0 ? fields[2] : fields[4];
            var isBeyondUs = ascii.Length == 0 || !ascii.Contains('.', StringComparison.Ordinal) || ascii.Split('.')[^1].All(char.IsAsciiDigit);
            if (status is not ("" or "[]") || isBeyondUs || source.StartsWith('*'))
            {
                continue;
            }

            read++;
            var found = IndicatorNormalizer.Normalize(IndicatorKind.Domain, source);
            if (found is not null && found != ascii.TrimEnd('.'))
            {
                wrong.Add($"{source} gave {found} instead of {ascii}");
            }
        }

        Assert.True(read > 300, $"{read} names were read.");
        Assert.Empty(wrong);
    }

    private static string Here([CallerFilePath] string path = "") => path;

    private static string Unescaped(string text) => text == "\"\"" ? string.Empty : Escape().Replace(
        text, match => ((char)Convert.ToInt32(match.Groups[1].Value.Length > 0 ? match.Groups[1].Value : match.Groups[2].Value, 16)).ToString());

    [GeneratedRegex(@"\\u([0-9A-Fa-f]{4})|\\x\{([0-9A-Fa-f]+)\}")]
    private static partial Regex Escape();
}
