using System.Text;
using System.Text.Json.Nodes;
using PhishMe.Engine.Tests.Storage;
using PhishMe.Intelligence;
using static PhishMe.Engine.Tests.Store.ThreatBuilder;

namespace PhishMe.Engine.Tests.Store;

/// <summary>What logs and people write meets what the vendor wrote, and nothing else does.</summary>
public abstract class FieldFormTests(StateBackendKind backend)
{
    [Theory]
    [InlineData("mapped-ipv6", "203.0.113.110")]
    [InlineData("mapped-ipv6", "::ffff:203.0.113.110")]
    [InlineData("odd-ip-hosts", "203.0.113.122")]
    [InlineData("odd-ip-hosts", "203.0.113.123")]
    [InlineData("idn-forms", "b\u00FCro13.example")]
    [InlineData("idn-forms", "xn--bro13-kva.example")]
    [InlineData("idn-forms", "file13.example")]
    public void Values_of_field_cases(string name, string value)
    {
        using var folder = Stored(name);

        Assert.NotEmpty(folder.Find(value));
    }

    [Fact]
    public void Every_way_to_defang_of_the_field_case()
    {
        using var folder = Stored("defang-forms");

        Assert.All(File.ReadLines(Path.Combine(Case("defang-forms"), "values.txt")), line => Assert.Single(folder.Find(line)));
    }

    [Theory]
    [InlineData("percent-encoded-links", "proxy.log", "1,2,3")]
    [InlineData("log-forms", "traffic.log", "1,2,2")]
    public void Logs_of_field_cases(string name, string log, string lines)
    {
        using var folder = Stored(name);
        using var store = folder.Open();

        Assert.Equal(lines, string.Join(',', store.FindInFile(Path.Combine(Case(name), log), null, TestContext.Current.CancellationToken).Select(match => match.LineNumber)));
    }

    [Theory]
    [InlineData("referer=https%3A%2F%2Fevil.example%2Fa")]
    [InlineData("referer=https%253A%252F%252Fevil.example%252Fa")]
    [InlineData("referer=https%25253A%25252F%25252Fevil.example%25252Fa")]
    [InlineData("https://nam02.safelinks.protection.vendor.example/?url=http%3A%2F%2Fevil.example%2Fp.php&data=05%7C01%7Cx")]
    [InlineData("https://good.example/r?u=evil%2Eexample&x=1")]
    [InlineData("https://good.example/r?u=http%3a%2f%2fbob%40evil.example%3a8080%2fx")]
    [InlineData("GET /login?next=%2F%2Fevil.example%2Fx HTTP/1.1")]
    [InlineData("https://urldefense.example/v3/__https://evil.example__;!!abc$")]
    [InlineData("{\"url\":\"http:\\/\\/evil.example\\/a\"}")]
    [InlineData("http:\\\\evil.example\\a")]
    [InlineData("http://%65vil.example/")]
    [InlineData("http://evil.example%2Fa")]
    [InlineData("A (4)evil(7)example(0)")]
    [InlineData("0B68 PACKET UDP Rcv 10.0.0.5 Q [0001 D NOERROR] A (3)www(4)EVIL(7)example(0)")]
    [InlineData("evil[dot]example")]
    [InlineData("evil(.)example")]
    [InlineData("evil[.example")]
    [InlineData("<evil.example>")]
    [InlineData("http[s]://evil.example/x")]
    [InlineData("\u201Cevil.example\u201D")]
    [InlineData("IP 10.0.0.5.51234 > 203.0.113.7.443: Flags [S]")]
    [InlineData("tcp4 0 0 10.0.0.5.51234 203.0.113.7.443 ESTABLISHED")]
    [InlineData("IP6 2001:db8::5.51234 > 2001:db8::7.53: UDP, length 30")]
    [InlineData("x http://0xCB007107/ y")]
    [InlineData("x http://3405803783/a y")]
    [InlineData("x http://[::ffff:cb00:7107]/a y")]
    [InlineData("0xcb.0.0x71.0x7")]
    [InlineData("from 0xcb.0.0x71.7")]
    public void Found_in_a_line(string line)
    {
        using var folder = new StoreFolder(backend);
        folder.Put(Malware(1).Domain("evil.example").IPv4("203.0.113.7").Block("IPv6 Address", "2001:db8::7"));

        Assert.Single(folder.FindInText(line));
    }

    [Theory]
    [InlineData("notevil.example evil.example.org evil-.example evilexample")]
    [InlineData("referer=https%3A%2F%2Fnotevil.example%2Fa")]
    [InlineData("http://evil.example.good.example/ http://good.example/evil.exampl http://good.example/%65vil-example")]
    [InlineData("x%2Devil.example http://x%2Devil.example/")]
    [InlineData("evil%ZZ.example evil%2example")]
    [InlineData("(3)www(5)evil(7)example(0) (4)evil(7)example (4)evil(7)example(1) (5)xevil(7)example(0)")]
    [InlineData("1.203.0.113.7 203.0.113.7.0443 203.0.113.7.65536 203.0.113.7.0 203.0.113.7.1.1 203.0.113.7.443.2")]
    [InlineData("OID 1.3.6.1.4.1.203.0.113.7 version 203.0.113.70 203.0.113.7a 1203.0.113.7")]
    [InlineData("3405803783 0xCB007107 pointer=0xCB007107 203.29.2.2 203.7")]
    [InlineData("::ffff:203.0.113.70 2001:db8::70 2001:db8::7:1 2001:db8:0:1::7 12:34:56")]
    [InlineData("evil,example evil;example evil_example evil dot exampl")]
    [InlineData("http://good.example/?u=evil.example.net%2Fevil.exampleX")]
    [InlineData("C:\\\\evil\\\\example C:\\evil.exampl")]
    [InlineData("\u0435vil.example ev\u0131l.example")]
    public void Near_misses_in_a_line(string line)
    {
        using var folder = new StoreFolder(backend);
        folder.Put(Malware(1).Domain("evil.example").IPv4("203.0.113.7").Block("IPv6 Address", "2001:db8::7"));

        Assert.Empty(folder.FindInText(line).Select(match => $"{match.Input} met {match.MatchedValue}"));
    }

    [Theory]
    [InlineData("https://x.example/?url=http%3A%2F%2Fc05.example%2Fp.php&data=05", MatchKind.Exact)]
    [InlineData("https://x.example/?url=http://c05.example/p.php&data=05", MatchKind.Exact)]
    [InlineData("https://x.example/?url=http%3A%2F%2Fc05.example%2F%70.php", MatchKind.Exact)]
    [InlineData("http://c05.example/%70.php", MatchKind.Exact)]
    [InlineData("http://c05.example/a/../p.php", MatchKind.Exact)]
    [InlineData("https://u.example/v3/__http://c05.example/p.php__;!!abc", MatchKind.Exact)]
    [InlineData("http://c05.example/p.php?x=1&y=2", MatchKind.UrlWithoutQuery)]
    [InlineData("https://x.example/?url=http%3A%2F%2Fc05.example%2Fother", MatchKind.UrlHost)]
    public void A_link_in_a_link_meets_the_stored_url(string line, MatchKind expected)
    {
        using var folder = new StoreFolder(backend);
        folder.Put(Malware(1).Url("http://c05.example/p.php"));

        Assert.Equal(expected, Assert.Single(folder.FindInText(line)).MatchKind);
    }

    [Fact]
    public void The_line_of_a_link_in_a_link_is_that_of_the_log()
    {
        using var folder = new StoreFolder(backend);
        folder.Put(Malware(1).Domain("evil.example"));

        Assert.Equal([2L, 4L], folder.FindInText("a\nu=x%0A%0Ahttp%3A%2F%2Fevil.example\n\nevil.example\n").Select(match => match.LineNumber!.Value));
    }

    [Fact]
    public void A_bomb_of_encodings_ends()
    {
        using var folder = new StoreFolder(backend);
        folder.Put(Malware(1).Domain("evil.example"));
        var word = "http://evil.example/";
        for (var i = 0; i < 12; i++)
        {
            word = "http://good.example/?u=" + Uri.EscapeDataString(word);
        }

        Assert.Empty(folder.FindInText(new string('%', 300_000) + " " + word + " " + string.Concat(Enumerable.Repeat("%25", 100_000))));
    }

    private static string Case(string name) => SharedMaterial.Folder("cases", name);

    private StoreFolder Stored(string name)
    {
        var folder = new StoreFolder(backend);
        folder.Put((JsonObject)JsonNode.Parse(Encoding.UTF8.GetBytes(File.ReadAllText(Path.Combine(Case(name), "threat.json"))))!);
        return folder;
    }
}

/// <summary>In a file.</summary>
public sealed class SqliteFieldFormTests() : FieldFormTests(StateBackendKind.Sqlite);

/// <summary>In a database that hosts share.</summary>
public sealed class PostgreSqlFieldFormTests() : FieldFormTests(StateBackendKind.PostgreSql);
