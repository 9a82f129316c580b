using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CsvHelper;
using CsvHelper.Configuration;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Threats;

namespace PhishMe.Engine.Tests.Rendering;

/// <summary>CSV is what its readers read. Two that are independent of each other and of us: CsvHelper, and the csv module of Python where there is one.</summary>
public sealed class CsvReadersTests
{
    private const string ValueColumn = "value", LabelColumn = "label";

    private const string Python = """
        import csv, json, sys
        print(json.dumps(list(csv.reader(open(sys.argv[1], encoding="utf-8", newline="")))))
        """;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void CsvHelper_reads_every_cell_back(bool keepFormulas)
    {
        var random = new Randomness();
        var (csv, expected) = Written(random, keepFormulas);

        var configuration = new CsvConfiguration(CultureInfo.InvariantCulture) { NewLine = "\n", DetectColumnCountChanges = true, IgnoreBlankLines = false };
        using var reader = new CsvReader(new StringReader(csv), configuration);
        Assert.True(reader.Read() && reader.ReadHeader());
        var rows = new List<(string, string)>();
        while (reader.Read())
        {
            rows.Add((reader.GetField(ValueColumn)!, reader.GetField(LabelColumn)!));
        }

        Assert.Equal(expected, rows);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Python_reads_every_cell_back(bool keepFormulas)
    {
        var random = new Randomness();
        var (csv, expected) = Written(random, keepFormulas);
        var folder = Directory.CreateTempSubdirectory("phishme-csv-");
        try
        {
            var file = Path.Combine(folder.FullName, "list.csv");
            await File.WriteAllTextAsync(file, csv, TestContext.Current.CancellationToken);
            var rows = JsonSerializer.Deserialize<string[][]>(await PythonAsync(file))!;

            Assert.All(rows, row => Assert.Equal(rows[0].Length, row.Length));
            int value = Array.IndexOf(rows[0], ValueColumn), label = Array.IndexOf(rows[0], LabelColumn);
            Assert.Equal(expected, rows[1..].Select(row => (row[value], row[label])));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static (string Csv, List<(string Value, string Label)> Expected) Written(Randomness random, bool keepFormulas)
    {
        var threats = Enumerable.Range(0, 250)
            .Select(_ => ThreatReader.Read(random.Threat()) with { Label = (random.OneIn(2) ? random.Of("=", "+", "-", "@", "\t=", " =", "\uFF1D") : string.Empty) + random.Nasty() })
            .ToList();
        var csv = Samples.Text(output =>
        {
            CsvRenderer.RenderHeader(output);
            threats.ForEach(threat => CsvRenderer.Render(threat, IndicatorFilter.Everything, output, keepFormulas));
        });
        return (csv, [.. threats.SelectMany(threat => threat.Indicators.Select(indicator => (Cell(indicator.Value, keepFormulas), Cell(threat.Label!, keepFormulas))))]);
    }

    // The rule of the page of Export-PhishMeIndicatorList, written again: an apostrophe before a formula, U+FFFD for control characters.
    private static string Cell(string text, bool keepFormulas)
    {
        var clean = Samples.WithoutControls(text);
        return !keepFormulas && clean.TrimStart() is [var first, ..] && "=+-@\uFF1D\uFF0B\uFF0D\uFF20".Contains(first, StringComparison.Ordinal) ? "'" + clean : clean;
    }

    private static async Task<string> PythonAsync(string file)
    {
        Process? started = null;
        try
        {
            started = Process.Start(new ProcessStartInfo("python3", ["-c", Python, file]) { RedirectStandardOutput = true, StandardOutputEncoding = Encoding.UTF8 });
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("skipped: python3 is not there");
        }

        using var process = started!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.SkipUnless(process.ExitCode == 0 || output.Length > 0, "skipped: python3 does not run here");
        return output;
    }
}
