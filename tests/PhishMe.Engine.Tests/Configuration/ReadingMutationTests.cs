using System.Globalization;
using System.Text;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Configuration.Ini;
using PhishMe.Engine.Destinations.Products;

namespace PhishMe.Engine.Tests.Configuration;

/// <summary>Whatever a file holds, reading it ends with settings or an error among the findings, never with an exception.</summary>
public sealed class ReadingMutationTests(ITestOutputHelper output) : IDisposable
{
    private const int Files = 5000;

    private static readonly string[] Fragments =
    [
        "\n", "\r", "\r\n", " ", "\t", "=", ":", "[", "]", "#", ";", "\0", "\uFEFF", "%", "%(x)s", "\"", "-1", "0", "65536", "99999999999999999999", "True", "maybe", "env:", "file:",
        "secret:x", "file:/", "file:.", "/", "\\", "..", "~", "C:", "//server/share", "http://", "https://a@b:99999/", "http://[::1", "use = True\n", "[DEFAULT]\n", "[pm_api]\n",
        "[output_cef]\nuse=1\nsyslog_use=1\n", "[local_proxy]\nuse=1\n", "  continued\n", "\u0085", "\u2028", "é", "\ud83d\ude00", "2019-02-30", "0000-00-00", "9999-12-31",
    ];

    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Reading_never_throws()
    {
        var seed = Seed();
        var random = new Random(seed);
        using var writer = new StringWriter { NewLine = "\n" };
        ConfigurationSample.Write(writer, ProductCatalogue.Schema);
        var sample = writer.ToString().Replace("use = False", "use = True", StringComparison.Ordinal);
        _folder.Context = _folder.Context with { SecretResolver = name => name == "x" ? "y" : throw new InvalidOperationException(name) };

        for (var file = 0; file < Files; file++)
        {
            var bytes = Mutate(Encoding.UTF8.GetBytes(random.Next(2) == 0 ? sample : ConfigurationFolder.Minimum), random);
            File.WriteAllBytes(_folder.File, bytes);
            try
            {
                var reading = _folder.Read();
                Assert.Equal(reading.Settings is null, reading.Fault is not null);
                Assert.All(reading.Findings, finding => Assert.True(finding.Line is null or > 0));
            }
            catch (Exception e) when (e is not Xunit.Sdk.IAssertionException)
            {
                Assert.Fail($"seed {seed}, file {file}: {e}\n{Convert.ToBase64String(bytes)}");
            }
        }
    }

    [Fact]
    public void Setting_a_value_changes_that_value_and_no_other()
    {
        var seed = Seed();
        var random = new Random(seed);

        for (var file = 0; file < Files; file++)
        {
            var text = Encoding.UTF8.GetString(Mutate(Encoding.UTF8.GetBytes($"{ConfigurationFolder.Minimum}[pm_jitter]\nposition = 1\n"), random));
            var before = IniDocument.Parse(text);
            var section = random.Next(2) == 0 ? "pm_api" : "pm_jitter";

            var changed = IniEdit.TrySetValue(before, section, "position", "new");
            if (changed is null)
            {
                Assert.True(before.Problems.Count > 0, $"seed {seed}, file {file}: {text}");
                continue;
            }

            var after = IniDocument.Parse(changed);
            Assert.True(after.Find(section, "position")?.Value == "new", $"seed {seed}, file {file}: {text}");
            Assert.True(Others(before).SequenceEqual(Others(after)), $"seed {seed}, file {file}: {text}");

            IEnumerable<(string, string, string)> Others(IniDocument document) =>
                from found in document.Sections
                from entry in found.Entries
                where (found.Name, entry.Key) != (section, "position")
                select (found.Name, entry.Key, entry.Value);
        }
    }

    /// <summary>Another one each time, printed; <c>PHISHME_SEED</c> repeats a run.</summary>
    private int Seed()
    {
        var given = Environment.GetEnvironmentVariable("PHISHME_SEED");
        var seed = string.IsNullOrEmpty(given) ? Random.Shared.Next() : int.Parse(given, CultureInfo.InvariantCulture);
        output.WriteLine($"PHISHME_SEED={seed}");
        return seed;
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = original.ToList();
        for (var change = random.Next(1, 12); change > 0 && bytes.Count > 0; change--)
        {
            var place = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[place] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(place, Math.Min(bytes.Count - place, random.Next(1, 20)));
                    break;
                case 2:
                    bytes.InsertRange(place, Encoding.UTF8.GetBytes(Fragments[random.Next(Fragments.Length)]));
                    break;
                case 3:
                    var length = Math.Min(bytes.Count - place, random.Next(1, 60));
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(place, length));
                    break;
                default:
                    bytes.RemoveRange(place, bytes.Count - place > bytes.Count / 2 ? 1 : bytes.Count - place);
                    break;
            }
        }

        return [.. bytes];
    }
}
