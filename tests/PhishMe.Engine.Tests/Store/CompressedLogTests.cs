using System.IO.Compression;
using System.Text;
using PhishMe.Engine.Tests.Running;
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
    [InlineData(0.9)]
    [InlineData(0.5)]
    [InlineData(0.1)]
    public void A_file_that_ends_too_early_is_searched_to_its_end_and_the_place_is_said(double part)
    {
        var random = new Random(2);
        var text = string.Concat(Enumerable.Range(0, 60_000).Select(line => $"{random.Next()} {(line % 100 == 0 ? "evil.example" : "good.example")}\n"));
        var packed = Packed(text);
        File.WriteAllBytes(_folder.InFolder("cut.gz"), packed[..(int)(packed.Length * part)]);
        var found = new List<IndicatorMatch>();

        var fault = Assert.Throws<PhishMeException>(() => Search(_folder.InFolder("cut.gz"), found.Add)).Fault;

        // No line that was there is missing: what .NET unpacks before it notices is the measure.
        var lines = Unpacked(packed[..(int)(packed.Length * part)]).Count(c => c == '\n');
        Assert.Equal(Enumerable.Range(0, 600).Select(line => (line * 100) + 1L).Where(line => line <= lines), found.Select(match => match.LineNumber!.Value));
        Assert.Equal((Faults.InputUnreadable, _folder.InFolder("cut.gz")), (fault.Kind, fault.Where));
        Assert.Contains($"in line {lines + 1} ", fault.Message, StringComparison.Ordinal);
        Assert.Contains($"first {(int)(packed.Length * part)} bytes", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_word_of_a_text_that_is_cut_off_is_no_match()
    {
        // Not compressed: the text ends where the file does.
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.NoCompression, leaveOpen: true))
        {
            gzip.Write("evil.example\nx evil.example.org"u8);
        }

        File.WriteAllBytes(_folder.InFolder("cut.gz"), packed.ToArray()[..^(8 + 4)]);
        var found = new List<IndicatorMatch>();

        Assert.Throws<PhishMeException>(() => Search(_folder.InFolder("cut.gz"), found.Add));

        Assert.Equal([1L], found.Select(match => match.LineNumber!.Value));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 1)]
    [InlineData(8, 1)]
    [InlineData(12, 0)]
    public void A_file_without_its_last_bytes_is_cut_off(int missing, int least) => AssertDamaged(Packed("evil.example\n")[..^missing], least);

    [Fact]
    public void A_sum_that_is_wrong_and_what_follows_a_member_are_damage()
    {
        var packed = Packed(string.Concat(Enumerable.Repeat("evil.example good.example\n", 40_000)));
        packed[^7] ^= 0xFF;
        AssertDamaged(packed, 39_000);
        AssertDamaged([.. Packed("evil.example\n"), .. "garbage behind it"u8], 1);
        AssertDamaged([.. Packed("evil.example\n"), 0x1F, 0x8B, 8, 0], 1);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(512)]
    [InlineData(100_000)]
    public void Zeros_behind_the_last_member_are_padding(int zeros)
    {
        using var store = _folder.Open();

        Assert.Single(store.FindInText(new MemoryStream([.. Packed("evil.example\n"), .. new byte[zeros]]), null, Stop));
    }

    [Fact]
    public void Members_of_every_size_are_read_and_empty_ones_too()
    {
        byte[] joined = [.. Enumerable.Range(0, 300).SelectMany(i => Packed(i % 3 == 0 ? string.Empty : $"{new string('x', i * 7)} evil.example\n"))];
        using var store = _folder.Open();

        Assert.Equal(200, store.FindInText(new MemoryStream(joined), null, Stop).Count());
        Assert.Equal(200, store.FindInText(new Drip(joined), null, Stop).Count());
    }

    [Fact]
    public async Task One_log_that_is_damaged_costs_no_other_and_ends_with_2()
    {
        File.WriteAllBytes(_folder.InFolder("a.gz"), Packed("evil.example\n")[..^4]);
        File.WriteAllText(_folder.InFolder("b.log"), "evil15.example\n");

        var (exitCode, output, error) = await PhishMeProcess.Managed.RunAsync(
            string.Empty, "find", "--store", _folder.StatePath, "--path", _folder.InFolder("a.gz"), "--path", _folder.InFolder("b.log"));

        Assert.Equal((int)Faults.InputUnreadable.ExitCode, exitCode);
        Assert.Contains("evil.example", output, StringComparison.Ordinal);
        Assert.Contains("evil15.example", output, StringComparison.Ordinal);
        Assert.Contains(_folder.InFolder("a.gz"), error, StringComparison.Ordinal);
        Assert.StartsWith("InputUnreadable: ", error, StringComparison.Ordinal);
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
    public void Values_that_are_not_understood_are_told_from_values_that_are_not_in_the_store()
    {
        using var store = _folder.Open();
        var misread = new List<string>();

        var found = store.Find(["evil.example", "not-in.example", "evil example", "[", "203.0.113.77", "Invoice 1"], null, misread.Add, Stop).ToList();

        Assert.Single(found);
        Assert.Equal(["evil example", "[", "Invoice 1"], misread);
    }

    private void AssertDamaged(byte[] packed, int least)
    {
        File.WriteAllBytes(_folder.InFolder("bad.gz"), packed);
        var found = new List<IndicatorMatch>();

        var fault = Assert.Throws<PhishMeException>(() => Search(_folder.InFolder("bad.gz"), found.Add)).Fault;

        Assert.Equal(Faults.InputUnreadable, fault.Kind);
        Assert.True(found.Count >= least, $"{found.Count} matches");
    }

    private static string Unpacked(byte[] packed)
    {
        using var gzip = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        using var text = new StreamReader(gzip, Encoding.ASCII);
        return text.ReadToEnd();
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

    /// <summary>Gives few bytes at a time, as a pipe may.</summary>
    private sealed class Drip(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 7)]);

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 7));
    }
}
