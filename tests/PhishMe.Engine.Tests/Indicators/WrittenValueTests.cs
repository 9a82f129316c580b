using PhishMe.Engine.Indicators;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Indicators;

/// <summary>People and logs write indicators in many ways; sentences and other things are no indicators.</summary>
public sealed class WrittenValueTests
{
    [Theory]
    [InlineData("evil16[.example", "evil16.example")]
    [InlineData("evil16 (dot) example", "evil16.example")]
    [InlineData("<evil16.example>", "evil16.example")]
    [InlineData("evil16[.]example", "evil16.example")]
    [InlineData("evil16.]example", "evil16.example")]
    [InlineData("evil16[ . ]example", "evil16.example")]
    [InlineData("evil16 [dot] example", "evil16.example")]
    [InlineData("evil16{DOT}example", "evil16.example")]
    [InlineData("evil16<dot>example", "evil16.example")]
    [InlineData("evil16<.>example", "evil16.example")]
    [InlineData("evil16\\.example", "evil16.example")]
    [InlineData("evil16(.example", "evil16.example")]
    [InlineData("evil16 dot example", "evil16.example")]
    [InlineData("evil16 DOT example", "evil16.example")]
    [InlineData("evil16 . example", "evil16.example")]
    [InlineData("evil16&#46;example", "evil16.example")]
    [InlineData("\"evil16.example\"", "evil16.example")]
    [InlineData("'evil16.example',", "evil16.example")]
    [InlineData("`evil16.example`", "evil16.example")]
    [InlineData("\u201Cevil16[.]example\u201D", "evil16.example")]
    [InlineData("(evil16.example)", "evil16.example")]
    [InlineData("[evil16[.]example]", "evil16.example")]
    [InlineData("evil16.example;", "evil16.example")]
    [InlineData("\u200Bevil16\u200C.example\uFEFF", "evil16.example")]
    [InlineData("Domain: evil16[.]example", "evil16.example")]
    [InlineData("evil16.example:443", "evil16.example")]
    [InlineData("(6)evil16(7)example(0)", "evil16.example")]
    [InlineData("(3)WWW(6)Evil16(7)example(0)", "www.evil16.example")]
    [InlineData("203[.]0[.]113[.]16", "203.0.113.16")]
    [InlineData("203.0.113[.16", "203.0.113.16")]
    [InlineData("203.0.113.16.443", "203.0.113.16")]
    [InlineData("203.0.113.16:443", "203.0.113.16")]
    [InlineData("[2001:db8::16]:443", "2001:db8::16")]
    [InlineData("2001:db8::16.443", "2001:db8::16")]
    [InlineData("2001[:]db8[::]16", "2001:db8::16")]
    [InlineData("hxxp://evil16.example/a", "http://evil16.example/a")]
    [InlineData("hXXps[:]//evil16[.]example/a", "https://evil16.example/a")]
    [InlineData("h[tt]p://evil16.example/a", "http://evil16.example/a")]
    [InlineData("http[s]://evil16.example/a", "https://evil16.example/a")]
    [InlineData("h__p://evil16.example/a", "http://evil16.example/a")]
    [InlineData("hxxp:\\\\evil16.example\\a", "http://evil16.example/a")]
    [InlineData("meow://evil16.example/a", "http://evil16.example/a")]
    [InlineData("<hxxp://evil16[.]example/a>", "http://evil16.example/a")]
    [InlineData("bob[at]evil16[.]example", "bob@evil16.example")]
    [InlineData("bob (at) evil16 (dot) example", "bob@evil16.example")]
    [InlineData("bob at evil16 dot example", "bob@evil16.example")]
    [InlineData("<bob@evil16.example>", "bob@evil16.example")]
    [InlineData("SHA256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789ABCDEF", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("md5=0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef")]
    public void Written_by_people_and_logs(string written, string meant)
    {
        Assert.True(IndicatorNormalizer.TryDetect(written, out _, out var normal), written);
        Assert.Equal(meant, normal);
    }

    [Theory]
    [InlineData("evil16example")]
    [InlineData("evil16 example")]
    [InlineData("evil16-dot-example")]
    [InlineData("the dot on the i")]
    [InlineData("Meet (at) noon")]
    [InlineData("(7)evil16(7)example(0)")]
    [InlineData("(6)evil16(7)example")]
    [InlineData("(6)evil16(7)example(0)x")]
    [InlineData("(99)evil16(0)")]
    [InlineData("203.0.113.16.443.1")]
    [InlineData("203.0.113.16.0443")]
    [InlineData("203.0.113.16.70000")]
    [InlineData("203.00.113.16.443")]
    [InlineData("1.203.0.113")]
    [InlineData("203,0,113,16")]
    [InlineData("evil16..example")]
    [InlineData("()")]
    [InlineData("[.]")]
    [InlineData("\"\"")]
    [InlineData("'")]
    [InlineData("<>")]
    public void Near_misses(string written)
    {
        var isRead = IndicatorNormalizer.TryDetect(written, out _, out var normal);

        Assert.True(!isRead || normal is "1.203.0.113", $"{written} was read as {normal}");
        Assert.DoesNotContain(normal, (string[])["evil16.example", "203.0.113.16"]);
    }

    [Theory]
    [InlineData("http://evil.example/a[.b]?c=(d)[.")]
    [InlineData("http://[2001:db8::1]/x[y]")]
    [InlineData("a(b)c[d]")]
    [InlineData("http://evil.example/a&#46;b")]
    [InlineData("C:\\dir\\file.exe")]
    public void Refanging_leaves_paths_alone_and_is_done_once(string value)
    {
        var once = Defanged.Refang(value);

        Assert.Equal(once, Defanged.Refang(once));
        Assert.Contains(value[^2..], once, StringComparison.Ordinal);
    }
}
