using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using CsCheck;
using IniParser.Model.Configuration;
using IniParser.Parser;
using PhishMe.Engine.Configuration.Ini;

namespace PhishMe.Engine.Tests.Configuration;

/// <summary>Other readers of ini files, asked about the same files: what they read is what is read here.</summary>
public sealed class SecondOpinionTests
{
    // Reads a JSON array of texts; answers each with its sections, or with null where Python refuses the file.
    private const string Python = """
        import configparser, io, json, sys
        answers = []
        for text in json.load(sys.stdin):
            parser = configparser.RawConfigParser()
            try:
                parser.read_file(io.StringIO(text, newline=None))
                answers.append({name: dict(parser.items(name)) for name in parser.sections()})
            except configparser.Error:
                answers.append(None)
        json.dump(answers, sys.stdout)
        """;

    private const int Files = 2000;

    private static readonly Gen<string> _name = Gen.String[Gen.Char["abcdeXYZ019_-."], 1, 8];

    private static readonly Gen<string> _value = Gen.Frequency(
        (4, Gen.String[Gen.Char["abz09 =%:#;[]\"'\\/,é漢${}()"], 0, 20]),
        (1, Gen.OneOf("True", "", "a ; b", "a # b", "[x]", "C:\\logs", "100%", "%(x)s", "\"quoted\"", "https://h.invalid/?a=b")));

    /// <summary>Files in the part of the dialect that both packages know: no <c>:</c>, no continuation lines, no defaults, nothing twice.</summary>
    private static readonly Gen<string> _plainFile =
        from sections in Gen.Dictionary(
            from name in _name where name != "DEFAULT" select name,
            Gen.Dictionary(from key in _name select key.ToUpperInvariant(), _value)[0, 5])[1, 5]
        from comment in Gen.OneOf("", "# note = 1", "; note = 2", "  # indented = 3", "  ; indented = 4")
        from lineEnd in Gen.OneOf("\n", "\r\n")
        select string.Concat(from section in sections
                             let lines = from pair in section.Value select $"{pair.Key} = {pair.Value}"
                             from line in (string[])[$"[{section.Key}]", comment, .. lines, ""]
                             select line + lineEnd);

    /// <summary>Files in the whole dialect, good and bad ones.</summary>
    private static readonly Gen<string> _anyFile =
        from lines in Gen.Frequency(
            (3, from name in Gen.OneOf("a", "B", "DEFAULT", "long name", "x]y", "") select $"[{name}]"),
            (1, from name in _name select $"  [{name}]"),
            (8, from key in _name from between in Gen.OneOf("=", " = ", ":", " : ", "  =", ":=") from value in _value select key + between + value),
            (3, from blanks in Gen.OneOf(" ", "    ", "\t") from value in _value select blanks + value),
            (1, from blanks in Gen.OneOf("", "  ") from value in _value select $"{blanks}# {value}"),
            (1, from value in _value select value),
            (1, Gen.OneOf("", "   ", "\u00A0x = 1", "k = \u2003v\u00A0", "k = a\fb\v", "k = \u001Fv\u001F", "=", ": v", "k")))
            .Array[0, 14]
        from start in Gen.OneOf("[a]\n", "[a]\r\n", "", "[DEFAULT]\nshared = 1\n[a]\n")
        from lineEnd in Gen.OneOf("\n", "\r\n", "\r")
        select start + string.Join(lineEnd, lines);

    [Fact]
    public void The_ini_parser_package_reads_the_same_sections_keys_and_values()
    {
        _plainFile.Sample(
            text =>
            {
                var parser = new IniDataParser(new IniParserConfiguration
                {
                    CommentRegex = new Regex(@"^\s*[#;](.*)", RegexOptions.CultureInvariant),
                    AllowDuplicateKeys = false,
                    AllowDuplicateSections = false,
                    CaseInsensitive = false,
                });
                var theirs = parser.Parse(text).Sections.ToDictionary(
                    section => section.SectionName,
                    section => section.Keys.ToDictionary(key => key.KeyName.ToLowerInvariant(), key => key.Value));
                Assert.Equal(JsonSerializer.Serialize(Sorted(theirs)), JsonSerializer.Serialize(Sorted(Ours(IniDocument.Parse(text)))));
            },
            iter: Files);
    }

    [Fact]
    public async Task Python_reads_the_same_sections_keys_and_values()
    {
        string[] texts = [];
        Gen.OneOf<string>(_plainFile, _anyFile).Array[Files].Sample(files => { texts = files; }, iter: 1);

        var answers = await AskPythonAsync(texts);

        var refused = 0;
        foreach (var (text, theirs) in texts.Zip(answers))
        {
            var ours = IniDocument.Parse(text);
            var place = JsonSerializer.Serialize(text);
            if (theirs is null)
            {
                Assert.True(ours.Problems.Count > 0, $"Python refuses what has no problem here: {place}");
                refused++;
                continue;
            }

            var same = JsonSerializer.Serialize(Sorted(theirs)) == JsonSerializer.Serialize(Sorted(Ours(ours)));
            Assert.True(same, $"{place}\nPython: {JsonSerializer.Serialize(theirs)}\nhere: {JsonSerializer.Serialize(Ours(ours))}");
        }

        // Both kinds of file were among them.
        Assert.InRange(refused, Files / 20, Files - (Files / 20));
    }

    private static Dictionary<string, Dictionary<string, string>> Ours(IniDocument document) => document.Sections.ToDictionary(
        section => section.Name,
        section => (document.Defaults?.Entries ?? []).Concat(section.Entries).Select(entry => entry.Key).Distinct()
            .ToDictionary(key => key, key => document.Find(section.Name, key)!.Value));

    private static SortedDictionary<string, SortedDictionary<string, string>> Sorted(Dictionary<string, Dictionary<string, string>> all) =>
        new(all.ToDictionary(one => one.Key, one => new SortedDictionary<string, string>(one.Value, StringComparer.Ordinal)), StringComparer.Ordinal);

    private static async Task<Dictionary<string, Dictionary<string, string>>?[]> AskPythonAsync(string[] texts)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        using var python = Start();
        await JsonSerializer.SerializeAsync(python.StandardInput.BaseStream, texts, cancellationToken: cancellationToken);
        python.StandardInput.Close();
        var answers = await python.StandardOutput.ReadToEndAsync(cancellationToken);
        await python.WaitForExitAsync(cancellationToken);
        Assert.Equal(0, python.ExitCode);
        return JsonSerializer.Deserialize<Dictionary<string, Dictionary<string, string>>?[]>(answers)!;
    }

    private static Process Start()
    {
        try
        {
            return Process.Start(new ProcessStartInfo("python3", ["-c", Python]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        }
        catch (Win32Exception)
        {
            Assert.Skip("skipped: no python3 on this machine");
            throw;
        }
    }
}
