using System.Text;
using PhishMe.Engine.Tests.Storage;
using PhishMe.Intelligence;
using static PhishMe.Engine.Tests.Store.ThreatBuilder;

namespace PhishMe.Engine.Tests.Store;

/// <summary>What is found in texts, and that no text can stop the search.</summary>
public abstract class TextSearchTests(StateBackendKind backend)
{
    private const string Md5 = "d41d8cd98f00b204e9800998ecf8427e";

    [Theory]
    [InlineData("1748779845.123 87 10.0.0.5 TCP_MISS/200 1234 GET http://evil.example/a.php?id=1 - DIRECT/203.0.113.7 text/html", "evil.example", "203.0.113.7")]
    [InlineData("10.0.0.5 - - [01/Jun/2025:12:10:45 +0000] \"CONNECT evil.example:443 HTTP/1.1\" 200 -", "evil.example")]
    [InlineData("{\"host\":\"www.evil.example\",\"ip\":\"203.0.113.7\",\"md5\":\"D41D8CD98F00B204E9800998ECF8427E\"}", "evil.example", "203.0.113.7", Md5)]
    [InlineData("2025-06-01,evil.example,203.0.113.7,block", "evil.example", "203.0.113.7")]
    [InlineData("src=203.0.113.7 dst=192.168.0.1 request=http://evil.example/a.php", "203.0.113.7", "evil.example")]
    [InlineData("Please visit hxxp://evil[.]example/a, or mail bob@evil(.)example.", "evil.example", "evil.example")]
    [InlineData("From: <bob@evil.example>; To: me@good.example", "evil.example")]
    [InlineData("see (http://evil.example), now", "evil.example")]
    [InlineData("sha256:xyz;md5=" + Md5 + ";", Md5)]
    [InlineData("http://redirect.example/?u=http://evil.example/", "evil.example")]
    [InlineData("http://redirect.example/?u=evil.example&x=1", "evil.example")]
    [InlineData("\u201cevil.example\u201d \u2013evil.example\u2013", "evil.example", "evil.example")]
    [InlineData("from=[2001:DB8::1]:443", "2001:db8::1")]
    [InlineData("from ::ffff:203.0.113.7 port 80", "203.0.113.7")]
    [InlineData("notevil.example evil.example.org 203.0.113.70 1203.0.113.7 " + Md5 + "0")]
    [InlineData("\u00F1evil.example evil-.example 12:30:45 1.2.3 3.14")]
    [InlineData("")]
    public void Candidates_in_a_line(string line, params string[] expected)
    {
        using var folder = new StoreFolder(backend);
        folder.Put(Malware(1).Domain("evil.example").IPv4("203.0.113.7").Block("IPv6 Address", "2001:db8::1").With("executableSet", new() { ["md5Hex"] = Md5 }));

        Assert.Equal(expected, folder.FindInText(line).Select(match => match.MatchedValue));
    }

    [Theory]
    [InlineData("http://evil.example/a,b 1", MatchKind.Exact)]
    [InlineData("http://evil.example/a,200,GET", MatchKind.UrlHost)]
    [InlineData("http://other.example/x,200,GET", MatchKind.Exact)]
    [InlineData("(see http://other.example/x).", MatchKind.Exact)]
    [InlineData("url='http://other.example/x';", MatchKind.Exact)]
    public void A_comma_may_end_a_url_or_belong_to_it(string line, MatchKind expected)
    {
        using var folder = new StoreFolder(backend);
        folder.Put(Malware(1).Url("http://evil.example/a,b").Url("http://other.example/x"));

        Assert.Equal(expected, Assert.Single(folder.FindInText(line)).MatchKind);
    }

    [Theory]
    [InlineData("utf-8", true)]
    [InlineData("utf-8", false)]
    [InlineData("utf-16", true)]
    [InlineData("utf-16", false)]
    [InlineData("utf-16BE", true)]
    [InlineData("utf-16BE", false)]
    [InlineData("utf-32", true)]
    public void A_log_in_any_unicode_encoding(string name, bool mark)
    {
        using var folder = new StoreFolder(backend);
        folder.Put(Malware(1).Domain("evil.example").Domain("xn--mnchen-3ya.example"));
        var encoding = Encoding.GetEncoding(name);
        var text = string.Concat(Enumerable.Range(1, 20_000).Select(line => $"line {line} good.example\r\n")) + "x evil.example y\r\n\r\nmünchen.example\r\n";
        byte[] bytes = [.. mark ? encoding.GetPreamble() : [], .. encoding.GetBytes(text)];

        Assert.Equal([(20_001L, "evil.example"), (20_003L, "xn--mnchen-3ya.example")], folder.FindInText(bytes).Select(match => (match.LineNumber!.Value, match.MatchedValue)));
    }

    [Fact]
    public void Lines_of_ten_megabytes_and_words_of_ten_megabytes()
    {
        using var folder = new StoreFolder(backend);
        folder.Put(Malware(1).Domain("evil.example"));
        var text = new StringBuilder();
        text.Append("first ").Append('x', 10_000_000).Append(" evil.example ").Insert(0, "\n");
        for (var i = 0; i < 1_000_000; i++)
        {
            text.Append("good words ");
        }

        text.Append(" evil.example\nlast evil.example ");
        text.Append(new string('A', 3_000_000)).Append("=evil.example&").Append('B', 3_000_000);

        Assert.Equal([2L, 2L, 3L, 3L], folder.FindInText(text.ToString()).Select(match => match.LineNumber!.Value));
    }

    [Fact]
    public void A_value_at_the_edge_of_every_block_is_found_with_its_line()
    {
        using var folder = new StoreFolder(backend);
        folder.Put(Malware(1).Domain("evil.example"));
        var text = new StringBuilder();
        var expected = new List<long>();
        for (var line = 1; text.Length < 1_200_000; line++)
        {
            // Lengths with nothing in common with those of blocks: sooner or later every byte of the value is the last of a block.
            text.Append('y', line % 37).Append(" evil.example\n");
            expected.Add(line);
        }

        Assert.Equal(expected, folder.FindInText(text.ToString()).Select(match => match.LineNumber!.Value));
    }

    [Fact]
    public void Random_bytes_do_no_harm()
    {
        using var folder = new StoreFolder(backend);
        folder.Put(Malware(1).Domain("evil.example"));
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var bytes = new byte[2_000_000];
        new Random(seed).NextBytes(bytes);
        byte[] text = [.. bytes, .. "\n evil.example "u8, .. bytes];

        Assert.Contains(folder.FindInText(text), match => match.MatchedValue == "evil.example");
    }

    [Fact]
    public void A_missing_log_is_a_fault()
    {
        using var folder = new StoreFolder(backend);
        folder.Put(Malware(1).Domain("evil.example"));
        using var store = folder.Open();

        var exception = Assert.Throws<PhishMeException>(() => store.FindInFile(folder.InFolder("missing.log"), null, TestContext.Current.CancellationToken).Count());

        Assert.Equal(Faults.InputUnreadable, exception.Fault.Kind);
    }
}

/// <summary>In a file.</summary>
public sealed class SqliteTextSearchTests() : TextSearchTests(StateBackendKind.Sqlite);

/// <summary>In a database that hosts share.</summary>
public sealed class PostgreSqlTextSearchTests() : TextSearchTests(StateBackendKind.PostgreSql);
