using PhishMe.Engine.Indicators;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Rendering;

public sealed class NormalizationTests
{
    [Theory]
    [InlineData("hxxp://evil[.]example/a", "http://evil.example/a")]
    [InlineData("hXXps://evil(.)example", "https://evil.example")]
    [InlineData("hxxps[://]evil{.}example", "https://evil.example")]
    [InlineData("http[:]//evil[dot]example[/]x", "http://evil.example/x")]
    [InlineData("user[at]evil[DOT]example", "user@evil.example")]
    [InlineData("user(@)evil.example", "user@evil.example")]
    [InlineData("192[.]0[.]2[.]1", "192.0.2.1")]
    [InlineData("2001[:]db8::1", "2001:db8::1")]
    [InlineData("  evil.example\n", "evil.example")]
    [InlineData("[[.]]", ".")]
    [InlineData("http://[2001:db8::1]/x", "http://[2001:db8::1]/x")]
    [InlineData("hxxp is no scheme here", "hxxp is no scheme here")]
    [InlineData("fxp://evil.example/", "ftp://evil.example/")]
    [InlineData("a(b)c[d]", "a(b)c[d]")]
    [InlineData("", "")]
    public void Defanged_values_are_refanged(string written, string meant)
    {
        Assert.Equal(meant, Defanged.Refang(written));
        Assert.Equal(meant, Defanged.Refang(meant));
    }

    [Theory]
    [InlineData(IndicatorKind.Domain, "EVIL.Example.", "evil.example")]
    [InlineData(IndicatorKind.Domain, "evil[.]example?", "evil.example")]
    [InlineData(IndicatorKind.Domain, "bücher.example", "xn--bcher-kva.example")]
    [InlineData(IndicatorKind.Domain, "BÜCHER。example", "xn--bcher-kva.example")]
    [InlineData(IndicatorKind.Domain, "ｅｖｉｌ．example", "evil.example")]
    [InlineData(IndicatorKind.Domain, "支払い.example", "xn--n8j502mt1b.example")]
    [InlineData(IndicatorKind.Domain, "ПРИМЕР.испытание", "xn--e1afmkfd.xn--80akhbyknj4f")]
    [InlineData(IndicatorKind.Domain, "bu\u0308cher.example", "xn--bcher-kva.example")]
    [InlineData(IndicatorKind.Domain, "😀.example", "xn--e28h.example")]
    [InlineData(IndicatorKind.Domain, "xn--BCHER-kva.example", "xn--bcher-kva.example")]
    [InlineData(IndicatorKind.Domain, "*example.com", "*.example.com")]
    [InlineData(IndicatorKind.Domain, "*.example.com", "*.example.com")]
    [InlineData(IndicatorKind.Domain, "_dmarc.a-b.example", "_dmarc.a-b.example")]
    [InlineData(IndicatorKind.Domain, "com", null)]
    [InlineData(IndicatorKind.Domain, ".com", null)]
    [InlineData(IndicatorKind.Domain, "a..example", null)]
    [InlineData(IndicatorKind.Domain, "-a.example", null)]
    [InlineData(IndicatorKind.Domain, "a b.example", null)]
    [InlineData(IndicatorKind.Domain, "192.0.2.1", null)]
    [InlineData(IndicatorKind.IPv4, "192.0.2.1", "192.0.2.1")]
    [InlineData(IndicatorKind.IPv4, "192.000.002.010", "192.0.2.10")]
    [InlineData(IndicatorKind.IPv4, "192[.]0[.]2[.]1:8080", "192.0.2.1")]
    [InlineData(IndicatorKind.IPv4, "192.0.2.0/24", "192.0.2.0/24")]
    [InlineData(IndicatorKind.IPv4, "192.0.2.256", null)]
    [InlineData(IndicatorKind.IPv4, "192.0.2", null)]
    [InlineData(IndicatorKind.IPv4, "192.0.2.1/33", null)]
    [InlineData(IndicatorKind.IPv4, "0xC0.0.2.1", "192.0.2.1")]
    [InlineData(IndicatorKind.IPv6, "2001:0DB8:0:0:0:0:0:1", "2001:db8::1")]
    [InlineData(IndicatorKind.IPv6, "[2001:db8::1]", "2001:db8::1")]
    [InlineData(IndicatorKind.IPv6, "fe80::1%eth0", "fe80::1")]
    [InlineData(IndicatorKind.IPv6, "2001:db8::/32", "2001:db8::/32")]
    [InlineData(IndicatorKind.IPv6, "2001:db8::g", null)]
    [InlineData(IndicatorKind.Url, "HXXP://Evil[.]Example:80", "http://evil.example/")]
    [InlineData(IndicatorKind.Url, "https://evil.example:443/A?B=c#D", "https://evil.example/A?B=c#D")]
    [InlineData(IndicatorKind.Url, "https://evil.example:8443/", "https://evil.example:8443/")]
    [InlineData(IndicatorKind.Url, "http://user:Pass@EVIL.example./%7Ea", "http://user:Pass@evil.example/%7Ea")]
    [InlineData(IndicatorKind.Url, "http://evil.example/?", "http://evil.example/")]
    [InlineData(IndicatorKind.Url, "http://evil.example\\?", "http://evil.example/")]
    [InlineData(IndicatorKind.Url, "http://evil.example?q=1", "http://evil.example/?q=1")]
    [InlineData(IndicatorKind.Url, "http://[2001:DB8::1]:80/x", "http://[2001:db8::1]/x")]
    [InlineData(IndicatorKind.Url, "http://010.0.0.1/", "http://8.0.0.1/")]
    [InlineData(IndicatorKind.Url, "evil.example/x", "http://evil.example/x")]
    [InlineData(IndicatorKind.Url, "http://intranet/x", "http://intranet/x")]
    [InlineData(IndicatorKind.Url, "http:///x", "http://x/")]
    [InlineData(IndicatorKind.Url, "http:///", null)]
    [InlineData(IndicatorKind.Url, "http://a.example:port/", null)]
    [InlineData(IndicatorKind.Url, "http://a.example/\u0001", "http://a.example/%01")]
    [InlineData(IndicatorKind.Email, "Drop@Mail.Example", "drop@mail.example")]
    [InlineData(IndicatorKind.Email, "<mailto:a@b.example>", null)]
    [InlineData(IndicatorKind.Email, "mailto:a[at]b[.]example", "a@b.example")]
    [InlineData(IndicatorKind.Email, "<a@b.example>", "a@b.example")]
    [InlineData(IndicatorKind.Email, "@b.example", null)]
    [InlineData(IndicatorKind.Email, "a b@c.example", null)]
    [InlineData(IndicatorKind.Md5, " 6F66B67A97DC3F2661DAB3EACD13F9B9 ", "6f66b67a97dc3f2661dab3eacd13f9b9")]
    [InlineData(IndicatorKind.Md5, "6f66b67a97dc3f2661dab3eacd13f9bz", null)]
    [InlineData(IndicatorKind.Sha1, "6f66b67a97dc3f2661dab3eacd13f9b9", null)]
    [InlineData(IndicatorKind.Ssdeep, "96:abcDEF0123:abcDEF0123", "96:abcDEF0123:abcDEF0123")]
    [InlineData(IndicatorKind.Ssdeep, "abc", null)]
    [InlineData(IndicatorKind.Subject, "  Überfällige\t\n Rechnung ", "überfällige rechnung")]
    [InlineData(IndicatorKind.Domain, "", null)]
    [InlineData(IndicatorKind.Domain, null, null)]
    public void Values_are_brought_into_one_form(IndicatorKind kind, string? value, string? normal)
    {
        Assert.Equal(normal, IndicatorNormalizer.Normalize(kind, value));
        if (normal is not null)
        {
            Assert.Equal(normal, IndicatorNormalizer.Normalize(kind, normal));
        }
    }

    [Theory]
    [InlineData("hxxps://evil[.]example/x", IndicatorKind.Url)]
    [InlineData("evil[.]example", IndicatorKind.Domain)]
    [InlineData("evil.example/path", IndicatorKind.Url)]
    [InlineData("192.0.2.1", IndicatorKind.IPv4)]
    [InlineData("192.0.2.0/24", IndicatorKind.IPv4)]
    [InlineData("2001:db8::1", IndicatorKind.IPv6)]
    [InlineData("a[at]b.example", IndicatorKind.Email)]
    [InlineData("6f66b67a97dc3f2661dab3eacd13f9b9", IndicatorKind.Md5)]
    [InlineData("CB4AD76A0C51B9906E645F94FED769E8E45BE4DC", IndicatorKind.Sha1)]
    [InlineData("1536:xyzXYZ:xyzXYZ", IndicatorKind.Ssdeep)]
    [InlineData("just words", IndicatorKind.Unknown)]
    [InlineData("", IndicatorKind.Unknown)]
    public void A_value_shows_what_it_is(string value, IndicatorKind kind)
    {
        Assert.Equal(kind != IndicatorKind.Unknown, IndicatorNormalizer.TryDetect(value, out var found, out _));
        Assert.Equal(kind, found);
    }

    [Theory]
    [InlineData("203.0.113.45", true)]
    [InlineData("8.8.8.0/24", true)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.16.0.1", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.1.1", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("169.254.1.1", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("2001:db8::1", true)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("nonsense", false)]
    public void Private_addresses_never_count_as_public(string address, bool isPublic) =>
        Assert.Equal(isPublic, IndicatorNormalizer.IsPublicAddress(address));

    [Theory]
    [InlineData("/(@user.example/x", "http://@user.example/x")]
    [InlineData("http:/(@evil.example/x", "http://@evil.example/x")]
    public void A_bracket_left_open_behind_a_missing_scheme_is_undone_at_once(string value, string normal)
    {
        Assert.Equal(normal, IndicatorNormalizer.Normalize(IndicatorKind.Url, value));
        Assert.Equal(normal, IndicatorNormalizer.Normalize(IndicatorKind.Url, normal));
    }

    [Fact]
    public void Normalising_twice_changes_nothing_whatever_comes_in()
    {
        var random = new Randomness();
        for (var i = 0; i < 20_000; i++)
        {
            var kind = (IndicatorKind)random.Next((int)IndicatorKind.Subject + 1);
            var value = random.Value(kind);
            var once = IndicatorNormalizer.Normalize(kind, value);
            if (once is not null)
            {
                Assert.True(
                    once == IndicatorNormalizer.Normalize(kind, once),
                    $"seed {random.Seed}: {kind} '{value}' gave '{once}' and then '{IndicatorNormalizer.Normalize(kind, once)}'");
            }
        }
    }
}
