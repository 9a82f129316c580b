using System.IO.Compression;
using System.Text;
using PhishMe.Intelligence;
using static PhishMe.Engine.Tests.Store.ThreatBuilder;

namespace PhishMe.Engine.Tests.Store;

/// <summary>A compressed log is read or named: silence means that nothing was found.</summary>
public sealed class CompressedLogTests : IDisposable
{
    private readonly StoreFolder _folder = new StoreFolder().Put(Malware(1).Domain("evil.example").Domain("evil15.example"));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_compressed_log_of_the_field_case() =>
        Assert.Equal(1L, Assert.Single(Search(Path.Combine(SharedMaterial.Folder("cases", "gzip-log"), "access.log.1.gz"))).LineNumber);

    [Theory]
    [InlineData("access.log")]
    [InlineData("access.log.1.gz")]
    public void What_is_compressed_shows_in_the_bytes_and_not_in_the_name(string name)
    {
        var text = string.Concat(Enumerable.Range(1, 50_000).Select(line => $"{line} good.example\n")) + "evil.example\n";
        File.WriteAllBytes(_folder.InFolder(name), Packed(text));
        Assert.Equal(50_001L, Assert.Single(Search(_folder.InFolder(name))).LineNumber);

        File.WriteAllText(_folder.InFolder(name), text);
        Assert.Equal(50_001L, Assert.Single(Search(_folder.InFolder(name))).LineNumber);
    }

    [Fact]
    public void Files_that_were_joined_and_text_in_UTF_16()
    {
        byte[] joined = [.. Packed("good.example\n"), .. Packed("evil.example\n")];
        using var store = _folder.Open();

        Assert.Equal(2L, Assert.Single(store.FindInText(new MemoryStream(joined), null, Stop)).LineNumber);
        Assert.Single(store.FindInText(new MemoryStream(Packed([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("x evil.example")])), null, Stop));
    }

    [Fact]
    public void What_comes_before_the_damage_in_a_file_is_found_and_the_rest_is_said()
    {
        var random = new Random(1);
        var packed = Packed("evil.example\n" + string.Concat(Enumerable.Range(0, 400_000).Select(_ => $"{random.Next()}\n")));
        packed.AsSpan(packed.Length / 2, 4096).Fill(0xFF);
        File.WriteAllBytes(_folder.InFolder("cut.gz"), packed);
        var found = new List<IndicatorMatch>();

        var fault = Assert.Throws<PhishMeException>(() => Search(_folder.InFolder("cut.gz"), found.Add)).Fault;

        Assert.Equal(Faults.InputUnreadable, fault.Kind);
        Assert.Contains("gzip", fault.Message, StringComparison.Ordinal);
        Assert.Single(found);
    }

    [Theory]
    [InlineData("28B52FFD0458", "Zstandard")]
    [InlineData("FD377A585A000004", "xz")]
    [InlineData("425A683931415926", "bzip2")]
    [InlineData("504B0304140000", "zip")]
    [InlineData("377ABCAF271C0004", "7-Zip")]
    [InlineData("04224D186440", "LZ4")]
    [InlineData("1F9D90", "compress")]
    public void What_is_not_read_is_named(string hex, string name)
    {
        File.WriteAllBytes(_folder.InFolder("log"), [.. Convert.FromHexString(hex), .. Encoding.ASCII.GetBytes(" evil.example ")]);

        var fault = Assert.Throws<PhishMeException>(() => Search(_folder.InFolder("log"))).Fault;

        Assert.Equal((Faults.InputUnreadable, _folder.InFolder("log")), (fault.Kind, fault.Where));
        Assert.Contains(name, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("P")]
    [InlineData("BZ evil.example")]
    [InlineData("\u001F evil.example")]
    public void A_short_text_is_a_text(string text)
    {
        using var store = _folder.Open();

        Assert.Equal(text.Contains("evil", StringComparison.Ordinal) ? 1 : 0, store.FindInText(new MemoryStream(Encoding.UTF8.GetBytes(text)), null, Stop).Count());
    }

    [Fact]
    public void Values_that_are_not_understood_differ_from_values_that_are_not_in_the_store()
    {
        using var store = _folder.Open();
        var misread = new List<string>();

        var found = store.Find(["evil.example", "not-in.example", "evil example", "[", "203.0.113.77", "Invoice 1"], null, misread.Add, Stop).ToList();

        Assert.Single(found);
        Assert.Equal(["evil example", "[", "Invoice 1"], misread);
    }

    private static byte[] Packed(string text) => Packed(Encoding.UTF8.GetBytes(text));

    private static byte[] Packed(byte[] text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(text);
        }

        return packed.ToArray();
    }

    private List<IndicatorMatch> Search(string path, Action<IndicatorMatch>? each = null)
    {
        using var store = _folder.Open();
        var found = new List<IndicatorMatch>();
        foreach (var match in store.FindInFile(path, null, Stop))
        {
            each?.Invoke(match);
            found.Add(match);
        }

        return found;
    }
}
