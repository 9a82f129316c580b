using PhishMe.Engine.Indicators;
using PhishMe.Engine.Lookup;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Indicators;

/// <summary>One host, one URL, one form: however a browser lets it be written.</summary>
public sealed class CanonicalHostTests
{
    [Theory]
    [InlineData("http://0xCB00717A/x", "203.0.113.122")]
    [InlineData("http://0313.0.0161.0173/", "203.0.113.123")]
    [InlineData("http://3405803898/", "203.0.113.122")]
    [InlineData("http://203.0.29050/", "203.0.113.122")]
    [InlineData("http://203.29050/", "203.0.113.122")]
    [InlineData("http://0xcb.0x0.0x71.0x7a:8080/", "203.0.113.122")]
    [InlineData("http://203.0.113.122./", "203.0.113.122")]
    [InlineData("http://[::ffff:203.0.113.122]/", "203.0.113.122")]
    [InlineData("http://[::FFFF:cb00:717a]:80/", "203.0.113.122")]
    [InlineData("http://%32%30%33.0.113.122/", "203.0.113.122")]
    [InlineData("http:\\\\203.0.113.122\\x", "203.0.113.122")]
    [InlineData("http://user@203.0.113.122/", "203.0.113.122")]
    [InlineData("http://\uFF12\uFF10\uFF13.0.113.122/", "203.0.113.122")]
    [InlineData("http:/evil.example/", "evil.example")]
    [InlineData("http:////evil.example/", "evil.example")]
    [InlineData("http://EVIL%2eexample/", "evil.example")]
    [InlineData("http://ev%69l.example./", "evil.example")]
    [InlineData("ht\ntp://ev\til.exam\r\nple/", "evil.example")]
    [InlineData("http://evil\u3002example/", "evil.example")]
    [InlineData("http://ev\u00ADil.ex\u200Bample/", "evil.example")]
    [InlineData("http://\u24D4\u24E5\u24D8\u24DB.example/", "evil.example")]
    [InlineData("http://b%C3%BCro13.example/", "xn--bro13-kva.example")]
    [InlineData("http://bu\u0308ro13.example/", "xn--bro13-kva.example")]
    [InlineData("http://B\u00DCRO13.example/", "xn--bro13-kva.example")]
    [InlineData("http://\uFB01le13.example/", "file13.example")]
    [InlineData("http://stra\u00DFe.example/", "xn--strae-oqa.example")]
    [InlineData("http://\u1112\u1161\u11AB.example/", "xn--6q8b.example")]
    [InlineData("evil.example:8443/a", "evil.example")]
    public void A_host_has_one_form(string url, string host)
    {
        Assert.Equal(host, IndicatorNormalizer.HostOf(url, out _));
        Assert.True(IndicatorNormalizer.TryDetect(url, out var kind, out var normal));
        Assert.Equal(IndicatorKind.Url, kind);
        Assert.Equal(host, IndicatorNormalizer.HostOf(normal, out _));
        Assert.Equal(normal, IndicatorNormalizer.Normalize(IndicatorKind.Url, normal));
    }

    [Theory]
    [InlineData("http://evil.example%2f.good.example/")]
    [InlineData("http://256.1.1.1/")]
    [InlineData("http://1.2.3.4.5/")]
    [InlineData("http://0x1G.1.1.1.example.1/")]
    [InlineData("http://099.1.1.1/")]
    [InlineData("http://ev il.example/")]
    [InlineData("http://evil\u0001.example/")]
    [InlineData("http://evil.exam\u2024ple/")]
    [InlineData("http://ev\u200Dil.example/")]
    [InlineData("http://\u202Eevil.example/")]
    [InlineData("http://%FF.example/")]
    [InlineData("http://[::ffff:203.0.113.256]/")]
    public void What_no_browser_opens_has_no_host(string url) => Assert.Null(IndicatorNormalizer.HostOf(url, out _));

    [Theory]
    [InlineData("http://evil.example/%61%2Fb", "http://evil.example/a%2fb")]
    [InlineData("http://evil.example/a/../b/./c", "http://evil.example/b/c")]
    [InlineData("http://evil.example/%2e%2e/b", "http://evil.example/b")]
    [InlineData("http://evil.example/a b\"c", "http://evil.example/a%20b%22c")]
    [InlineData("http://evil.example/\u00FC?q=\u00E9", "http://evil.example/%c3%bc?q=%C3%A9")]
    [InlineData("http://evil.example/~x", "http://evil.example/%7Ex")]
    [InlineData("http://evil.example\\a\\b", "http://evil.example/a/b")]
    [InlineData("http://evil.example:080/a", "http://EVIL.example/a")]
    [InlineData("https://evil.example:443", "https://evil.example/")]
    [InlineData("http://evil.example/a\u0000b", "http://evil.example/a%00b")]
    [InlineData("http://0xCB00717A/a", "http://203.0.113.122/a")]
    public void Two_spellings_of_a_url_are_compared_as_one(string one, string other)
    {
        Assert.Equal(LookupValue.Of(one), LookupValue.Of(other));
        Assert.Equal(LookupValue.Of(one), LookupValue.Of(LookupValue.Of(one).Text));
    }

    [Theory]
    [InlineData("http://evil.example/a%2Fb", "http://evil.example/a/b")]
    [InlineData("http://evil.example/A", "http://evil.example/a")]
    [InlineData("http://evil.example/a?b", "http://evil.example/a%3Fb")]
    [InlineData("http://evil.example/a?x=..%2f", "http://evil.example/?x=..%2f")]
    [InlineData("http://evil.example/a?b\\c", "http://evil.example/a?b/c")]
    [InlineData("http://evil.example:8080/", "http://evil.example/")]
    [InlineData("https://evil.example/", "http://evil.example/")]
    [InlineData("http://evil.example/%2561", "http://evil.example/a")]
    public void Two_urls_stay_two(string one, string other) => Assert.NotEqual(LookupValue.Of(one), LookupValue.Of(other));

    [Theory]
    [InlineData("::ffff:203.0.113.110", IndicatorKind.IPv4, "203.0.113.110")]
    [InlineData("[::ffff:203.0.113.110]", IndicatorKind.IPv4, "203.0.113.110")]
    [InlineData("::FFFF:CB00:716E", IndicatorKind.IPv4, "203.0.113.110")]
    [InlineData("0:0:0:0:0:ffff:203.0.113.110", IndicatorKind.IPv4, "203.0.113.110")]
    [InlineData("::ffff:203.0.113.0/120", IndicatorKind.IPv4, "203.0.113.0/24")]
    [InlineData("0xCB00716E", IndicatorKind.IPv4, "203.0.113.110")]
    [InlineData("0313.0.0161.0156", IndicatorKind.IPv4, "203.0.113.110")]
    [InlineData("0xcb.0.0x71.0x6E", IndicatorKind.IPv4, "203.0.113.110")]
    [InlineData("203.000.113.110", IndicatorKind.IPv4, "203.0.113.110")]
    [InlineData("2001:DB8::0:1", IndicatorKind.IPv6, "2001:db8::1")]
    [InlineData("b\u00FCro.example", IndicatorKind.Domain, "xn--bro-hoa.example")]
    [InlineData("evil%2Eexample", IndicatorKind.Domain, "evil.example")]
    [InlineData("bob@bu\u0308ro.example", IndicatorKind.Email, "bob@xn--bro-hoa.example")]
    public void A_value_of_its_own_has_one_form(string value, IndicatorKind kind, string normal)
    {
        Assert.True(IndicatorNormalizer.TryDetect(value, out var found, out var text));
        Assert.Equal((kind, normal), (found, text));
        Assert.Equal(normal, IndicatorNormalizer.Normalize(kind, value));
    }

    [Theory]
    [InlineData("1.2.3")]
    [InlineData("3405803886")]
    [InlineData("127.1")]
    [InlineData("0x7f")]
    [InlineData("0xCB00716E00")]
    [InlineData("evil.0x10")]
    [InlineData("::203.0.113.256")]
    public void A_number_or_a_version_is_no_address(string value) => Assert.False(IndicatorNormalizer.TryDetect(value, out _, out _));
}
