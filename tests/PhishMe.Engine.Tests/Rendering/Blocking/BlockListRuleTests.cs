using System.Security.Cryptography;
using PhishMe.Engine.Indicators;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Rendering.Blocking;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Rendering.Blocking;

/// <summary>What is safe to block, by every sign and in every shape.</summary>
public sealed class BlockListRuleTests
{
    [Theory]
    [InlineData(IndicatorKind.IPv4, "10.0.0.1")]
    [InlineData(IndicatorKind.IPv4, "100.64.0.1")]
    [InlineData(IndicatorKind.IPv4, "127.0.0.1")]
    [InlineData(IndicatorKind.IPv4, "169.254.169.254")]
    [InlineData(IndicatorKind.IPv4, "172.16.0.1")]
    [InlineData(IndicatorKind.IPv4, "172.31.255.255")]
    [InlineData(IndicatorKind.IPv4, "192.0.0.8")]
    [InlineData(IndicatorKind.IPv4, "192.168.1.1")]
    [InlineData(IndicatorKind.IPv4, "198.18.0.1")]
    [InlineData(IndicatorKind.IPv4, "224.0.0.251")]
    [InlineData(IndicatorKind.IPv4, "255.255.255.255")]
    [InlineData(IndicatorKind.IPv4, "0.0.0.0")]
    [InlineData(IndicatorKind.IPv4, "0.0.0.0/0")]
    [InlineData(IndicatorKind.IPv4, "192.0.0.0/8")]
    [InlineData(IndicatorKind.IPv4, "172.0.0.0/11")]
    [InlineData(IndicatorKind.IPv6, "::1")]
    [InlineData(IndicatorKind.IPv6, "::")]
    [InlineData(IndicatorKind.IPv6, "fe80::1")]
    [InlineData(IndicatorKind.IPv6, "fd12:3456::1")]
    [InlineData(IndicatorKind.IPv6, "ff02::1")]
    [InlineData(IndicatorKind.IPv6, "fec0::1")]
    [InlineData(IndicatorKind.IPv6, "100::1")]
    [InlineData(IndicatorKind.IPv4, "::ffff:192.168.1.1")]
    [InlineData(IndicatorKind.IPv6, "64:ff9b::a00:1")]
    [InlineData(IndicatorKind.IPv6, "2002:c0a8:101::1")]
    [InlineData(IndicatorKind.IPv6, "::/0")]
    [InlineData(IndicatorKind.Url, "http://192.168.1.1/gate.php")]
    [InlineData(IndicatorKind.Url, "http://user:secret@192.168.1.1:8080/")]
    [InlineData(IndicatorKind.Url, "https://[::1]/")]
    [InlineData(IndicatorKind.Url, "https://[fe80::1]:8443/a")]
    [InlineData(IndicatorKind.Url, "https://[::ffff:10.1.2.3]/a")]
    [InlineData(IndicatorKind.Url, "http://localhost/")]
    [InlineData(IndicatorKind.Url, "http://LOCALHOST:8080/a")]
    [InlineData(IndicatorKind.Url, "http://localhost./a")]
    [InlineData(IndicatorKind.Url, "http://intranet/a")]
    [InlineData(IndicatorKind.Url, "http://printer.local/")]
    [InlineData(IndicatorKind.Url, "ftp://files.corp/a")]
    [InlineData(IndicatorKind.Domain, "printer.local")]
    [InlineData(IndicatorKind.Domain, "a.localhost")]
    [InlineData(IndicatorKind.Domain, "localhost.localdomain")]
    [InlineData(IndicatorKind.Domain, "1.168.192.in-addr.arpa")]
    [InlineData(IndicatorKind.Domain, "router.home.arpa")]
    [InlineData(IndicatorKind.Domain, "dc1.contoso.internal")]
    [InlineData(IndicatorKind.Email, "root@dc1.local")]
    public void An_unroutable_host_is_left_out_in_any_shape_unless_asked_for(IndicatorKind kind, string value)
    {
        var indicator = Of(kind, value);

        Assert.Equal(LeftOutReason.PrivateAddress, BlockListRule.Default.Decide(indicator).Reason);
        Assert.True(new BlockListRule(new IndicatorFilter { IncludePrivateAddresses = true }).Decide(indicator).IsAllowed);
    }

    [Theory]
    [InlineData(IndicatorKind.IPv4, "192.0.2.1")]
    [InlineData(IndicatorKind.IPv4, "198.51.100.0/24")]
    [InlineData(IndicatorKind.IPv4, "203.0.113.45")]
    [InlineData(IndicatorKind.IPv4, "172.32.0.1")]
    [InlineData(IndicatorKind.IPv4, "11.0.0.1")]
    [InlineData(IndicatorKind.IPv4, "100.128.0.1")]
    [InlineData(IndicatorKind.IPv4, "223.255.255.255")]
    [InlineData(IndicatorKind.IPv6, "2001:db8::1")]
    [InlineData(IndicatorKind.IPv6, "2606:4700::1111")]
    [InlineData(IndicatorKind.IPv4, "::ffff:203.0.113.9")]
    [InlineData(IndicatorKind.Domain, "evilevilevilevil.onion")]
    [InlineData(IndicatorKind.Url, "http://evilevilevilevil.onion/gate")]
    [InlineData(IndicatorKind.Url, "http://203.0.113.9/192.168.1.1")]
    [InlineData(IndicatorKind.Url, "http://login.example/?next=http://localhost/")]
    [InlineData(IndicatorKind.Url, "http://localhost.evil.example/")]
    [InlineData(IndicatorKind.Url, "http://local.example/")]
    [InlineData(IndicatorKind.Domain, "evil.example")]
    [InlineData(IndicatorKind.Domain, "localhost.example")]
    [InlineData(IndicatorKind.Domain, "mylocal.com")]
    [InlineData(IndicatorKind.Domain, "name.test")]
    [InlineData(IndicatorKind.Domain, "name.invalid")]
    [InlineData(IndicatorKind.Domain, "*.evil.example")]
    [InlineData(IndicatorKind.Email, "drop@mail.example")]
    public void What_only_looks_like_it_stays(IndicatorKind kind, string value) =>
        Assert.Null(BlockListRule.Default.Decide(Of(kind, value)).Reason);

    [Theory]
    [InlineData(Impact.None, null, null)]
    [InlineData(Impact.None, "C2", null)]
    [InlineData(Impact.Major, "IDinfo", null)]
    [InlineData(Impact.Moderate, "idinfo", null)]
    [InlineData(null, " IDINFO ", null)]
    [InlineData(Impact.Major, null, "Otherwise benign software application repurposed for use by malware")]
    [InlineData(Impact.Minor, null, "otherwise BENIGN application, repurposed")]
    [InlineData(null, null, "Benign software repurposed by malware")]
    public void What_the_vendor_calls_benign_is_left_out_unless_asked_for(Impact? impact, string? role, string? subclass)
    {
        foreach ((var kind, var value) in Values())
        {
            var indicator = Of(kind, value) with { Impact = impact, Role = role, Subclass = subclass };

            Assert.Equal(LeftOutReason.Benign, BlockListRule.Default.Decide(indicator).Reason);
            Assert.True(new BlockListRule(new IndicatorFilter { IncludeBenign = true }).Decide(indicator).IsAllowed);
        }
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData(Impact.Minor, null, null)]
    [InlineData(Impact.Major, "C2", "Persistence module or file")]
    [InlineData(Impact.Major, "Payload", "Compromised")]
    public void What_is_not_called_benign_stays(Impact? impact, string? role, string? subclass)
    {
        foreach ((var kind, var value) in Values())
        {
            Assert.True(BlockListRule.Default.Decide(Of(kind, value) with { Impact = impact, Role = role, Subclass = subclass }).IsAllowed);
        }
    }

    [Fact]
    public void No_hash_of_the_empty_file_is_in_a_list_unless_asked_for()
    {
        (IndicatorKind Kind, string Hash)[] hashes =
        [
            (IndicatorKind.Md5, "D41D8CD98F00B204E9800998ECF8427E"),
            (IndicatorKind.Sha1, "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709"),
            (IndicatorKind.Sha224, "D14A028C2A3A2BC9476102BB288234C415A2B01F828EA62AC5B3E42F"),
            (IndicatorKind.Sha256, Convert.ToHexString(SHA256.HashData([]))),
            (IndicatorKind.Sha384, Convert.ToHexString(SHA384.HashData([]))),
            (IndicatorKind.Sha512, Convert.ToHexString(SHA512.HashData([]))),
            (IndicatorKind.Ssdeep, "3::"),
        ];
        foreach ((var kind, var hash) in hashes)
        {
            Assert.Equal(LeftOutReason.EmptyFile, BlockListRule.Default.Decide(Of(kind, hash)).Reason);
            Assert.True(new BlockListRule(new IndicatorFilter { IncludeEmptyFile = true }).Decide(Of(kind, hash)).IsAllowed);
        }

        Assert.True(BlockListRule.Default.Decide(Of(IndicatorKind.Sha256, Convert.ToHexString(SHA256.HashData([0])))).IsAllowed);
    }

    [Fact]
    public void What_is_for_correlation_only_or_malformed_is_left_out()
    {
        foreach ((var kind, var value) in Values())
        {
            Assert.Equal(LeftOutReason.Corollary, BlockListRule.Default.Decide(Of(kind, value) with { Corollary = true }).Reason);
            Assert.True(new BlockListRule(new IndicatorFilter { IncludeCorollary = true }).Decide(Of(kind, value) with { Corollary = true }).IsAllowed);
            Assert.Equal(LeftOutReason.Malformed, BlockListRule.Default.Decide(Of(kind, value) with { NormalizedValue = null }).Reason);
        }
    }

    [Fact]
    public void One_hash_on_the_allow_list_covers_the_file_under_its_other_hashes()
    {
        const string md5 = "55a54008ad1ba589aa210d2629c1df41";
        var record = new IndicatorRecord
        {
            ThreatId = new ThreatId(ThreatType.Malware, 1),
            Kind = IndicatorKind.Sha256,
            Value = Convert.ToHexStringLower(SHA256.HashData([1])),
            NormalizedValue = Convert.ToHexStringLower(SHA256.HashData([1])),
            Source = IndicatorSource.File,
            FileHashes = new FileHashes { Md5 = md5 },
        };

        Assert.Equal(LeftOutReason.AllowListed, new BlockListRule(allowList: AllowList.Of([md5])).Decide(record).Reason);
        Assert.True(new BlockListRule(allowList: AllowList.Of(["evil.example"])).Decide(record).IsAllowed);
    }

    private static IEnumerable<(IndicatorKind Kind, string Value)> Values() =>
    [
        (IndicatorKind.IPv4, "203.0.113.9"), (IndicatorKind.IPv6, "2001:db8::9"), (IndicatorKind.Domain, "evil.example"),
        (IndicatorKind.Url, "http://evil.example/a"), (IndicatorKind.Email, "drop@evil.example"), (IndicatorKind.Md5, new string('a', 32)),
        (IndicatorKind.Sha256, new string('b', 64)), (IndicatorKind.Ssdeep, "96:abcDEF:abc"),
    ];

    private static Indicator Of(IndicatorKind kind, string value) => new()
    {
        ThreatId = new ThreatId(ThreatType.Malware, 1),
        Kind = kind,
        Value = value,
        NormalizedValue = IndicatorNormalizer.Normalize(kind, value) ?? throw new ArgumentException($"{value} is no {kind}.", nameof(value)),
        Impact = Impact.Major,
        Source = IndicatorSource.WatchList,
    };
}
