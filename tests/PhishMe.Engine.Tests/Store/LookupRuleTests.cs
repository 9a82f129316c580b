using PhishMe.Engine.Tests.Storage;
using PhishMe.Intelligence;
using static PhishMe.Engine.Tests.Store.ThreatBuilder;

namespace PhishMe.Engine.Tests.Store;

/// <summary>Every rule of a look-up with what it meets and what it just misses.</summary>
public abstract class LookupRuleTests(StateBackendKind backend)
{
    private const string Md5 = "d41d8cd98f00b204e9800998ecf8427e";
    private const string Sha1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
    private const string Sha224 = "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f";
    private const string Sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Theory]
    [InlineData("evil.example", MatchKind.Exact)]
    [InlineData("EVIL.Example.", MatchKind.Exact)]
    [InlineData("evil[.]example", MatchKind.Exact)]
    [InlineData("evil.example:443", MatchKind.Exact)]
    [InlineData("www.evil.example", MatchKind.ParentDomain)]
    [InlineData("a.b.c.evil.example", MatchKind.ParentDomain)]
    [InlineData("http://evil.example/anything?x=1", MatchKind.UrlHost)]
    [InlineData("hxxps://evil[.]example:8443/", MatchKind.UrlHost)]
    [InlineData("http://www.evil.example/", MatchKind.ParentDomain)]
    [InlineData("somebody@evil.example", MatchKind.ParentDomain)]
    [InlineData("somebody@mail.evil.example", MatchKind.ParentDomain)]
    [InlineData("*.evil.example", MatchKind.ParentDomain)]
    [InlineData("notevil.example", null)]
    [InlineData("evil.example.org", null)]
    [InlineData("example", null)]
    [InlineData("www.example", null)]
    [InlineData("vil.example", null)]
    [InlineData("http://notevil.example/evil.example", null)]
    [InlineData("evil.example@other.example", null)]
    public void A_stored_domain(string value, MatchKind? expected) => Expect(Malware(1).Domain("Evil.Example"), value, "evil.example", expected);

    [Theory]
    [InlineData("münchen.example")]
    [InlineData("xn--mnchen-3ya.example")]
    [InlineData("MÜNCHEN.example")]
    [InlineData("munchen.example", false)]
    public void An_international_domain(string value, bool met = true) =>
        Expect(Malware(1).Domain("münchen.example"), value, "xn--mnchen-3ya.example", met ? MatchKind.Exact : null);

    [Theory]
    [InlineData("example.com", MatchKind.WildcardDomain)]
    [InlineData("a.example.com", MatchKind.WildcardDomain)]
    [InlineData("a.b.example.com", MatchKind.WildcardDomain)]
    [InlineData("https://a.example.com/x", MatchKind.WildcardDomain)]
    [InlineData("bob@a.example.com", MatchKind.WildcardDomain)]
    [InlineData("*.example.com", MatchKind.Exact)]
    [InlineData("notexample.com", null)]
    [InlineData("example.com.net", null)]
    [InlineData("com", null)]
    public void A_stored_wildcard(string value, MatchKind? expected) => Expect(Malware(1).Domain("*example.com"), value, "*.example.com", expected);

    [Theory]
    [InlineData("http://evil.example/a/b.php?id=1", MatchKind.Exact)]
    [InlineData("HTTP://EVIL.example:80/a/b.php?id=1", MatchKind.Exact)]
    [InlineData("http://evil.example/a/b.php", MatchKind.UrlWithoutQuery)]
    [InlineData("http://evil.example/a/b.php?id=2", MatchKind.UrlWithoutQuery)]
    [InlineData("http://evil.example/a/b.php#top", MatchKind.UrlWithoutQuery)]
    [InlineData("http://evil.example/a/B.php", MatchKind.UrlHost)]
    [InlineData("https://evil.example/", MatchKind.UrlHost)]
    [InlineData("evil.example", MatchKind.UrlHost)]
    [InlineData("www.evil.example", null)]
    [InlineData("http://www.evil.example/a/b.php?id=1", null)]
    [InlineData("http://notevil.example/a/b.php?id=1", null)]
    public void A_stored_url_with_query(string value, MatchKind? expected) =>
        Expect(Malware(1).Url("http://evil.example/a/b.php?id=1"), value, "http://evil.example/a/b.php?id=1", expected);

    [Theory]
    [InlineData("http://evil.example/a?x", MatchKind.UrlWithoutQuery)]
    [InlineData("http://evil.example/a", MatchKind.Exact)]
    [InlineData("http://evil.example/a/", MatchKind.UrlHost)]
    public void A_stored_url_without_query(string value, MatchKind? expected) => Expect(Malware(1).Url("http://evil.example/a"), value, "http://evil.example/a", expected);

    [Theory]
    [InlineData("203.0.113.7", MatchKind.Exact)]
    [InlineData("203.0.113[.]7", MatchKind.Exact)]
    [InlineData("203.0.113.7:8080", MatchKind.Exact)]
    [InlineData("::ffff:203.0.113.7", MatchKind.Exact)]
    [InlineData("http://203.0.113.7/x", MatchKind.UrlHost)]
    [InlineData("203.0.113.0/24", MatchKind.Cidr)]
    [InlineData("203.0.113.7/32", MatchKind.Cidr)]
    [InlineData("0.0.0.0/0", MatchKind.Cidr)]
    [InlineData("203.0.113.8/29", MatchKind.Cidr, false)]
    [InlineData("203.0.112.0/24", MatchKind.Cidr, false)]
    [InlineData("::/0", MatchKind.Cidr, false)]
    [InlineData("203.0.113.70", MatchKind.Exact, false)]
    [InlineData("20.0.113.7", MatchKind.Exact, false)]
    public void A_stored_address(string value, MatchKind expected, bool met = true) =>
        Expect(Malware(1).IPv4("203.0.113.7"), value, "203.0.113.7", met ? expected : null);

    [Theory]
    [InlineData("2001:DB8:0::1", MatchKind.Exact)]
    [InlineData("[2001:db8::1]", MatchKind.Exact)]
    [InlineData("http://[2001:db8::1]:8080/x", MatchKind.UrlHost)]
    [InlineData("2001:db8::/32", MatchKind.Cidr)]
    [InlineData("http://[2001:db8::2]:8080/x", null)]
    [InlineData("2001:db9::/32", null)]
    [InlineData("2001:db8::2", null)]
    public void A_stored_address_of_version_six(string value, MatchKind? expected) => Expect(Malware(1).Block("IPv6 Address", "2001:db8::1"), value, "2001:db8::1", expected);

    [Theory]
    [InlineData("198.51.100.9", MatchKind.Cidr)]
    [InlineData("http://198.51.100.200/", MatchKind.Cidr)]
    [InlineData("198.51.100.7/24", MatchKind.Exact)]
    [InlineData("198.51.101.9", null)]
    public void A_stored_network(string value, MatchKind? expected) => Expect(Malware(1).IPv4("198.51.100.7/24"), value, "198.51.100.7/24", expected);

    [Theory]
    [InlineData("2001:db8:0:1::9", MatchKind.Cidr)]
    [InlineData("http://[2001:db8:0:1::9]/", MatchKind.Cidr)]
    [InlineData("2001:db8:0:2::9", null)]
    public void A_stored_network_of_version_six(string value, MatchKind? expected) =>
        Expect(Malware(1).Block("IPv6 Address", "2001:db8:0:1::/64"), value, "2001:db8:0:1::/64", expected);

    [Theory]
    [InlineData("203.0.113.0/24", MatchKind.Cidr)]
    [InlineData("203.0.113.7", MatchKind.UrlHost)]
    [InlineData("203.0.113.8", null)]
    public void An_address_that_is_the_host_of_a_stored_url(string value, MatchKind? expected) =>
        Expect(Malware(1).Url("http://203.0.113.7/x"), value, "http://203.0.113.7/x", expected);

    [Theory]
    [InlineData("md5Hex", Md5, "D41D8CD98F00B204E9800998ECF8427E", true)]
    [InlineData("md5Hex", Md5, "d41d8cd98f00b204e9800998ecf8427f", false)]
    [InlineData("sha256Hex", Sha256, Sha256, true)]
    [InlineData("sha256Hex", Sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85", false)]
    [InlineData("sha1Hex", Sha1, "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709", true)]
    [InlineData("sha1Hex", Sha1, "da39a3ee5e6b4b0d3255bfef95601890afd80708", false)]
    [InlineData("sha224Hex", Sha224, Sha224, true)]
    [InlineData("sha224Hex", Sha224, "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42e", false)]
    [InlineData("sha384Hex", Sha256 + Md5, Sha256 + Md5, true)]
    [InlineData("sha384Hex", Sha256 + Md5, Md5 + Sha256, false)]
    [InlineData("sha512Hex", Sha256 + Sha256, Sha256 + Sha256, true)]
    [InlineData("sha512Hex", Sha256 + Sha256, Sha256, false)]
    [InlineData("ssdeep", "3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C", "3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C", true)]
    [InlineData("ssdeep", "3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C", "3:axgbicflgvnhbgcl6wcrfqev:axghsnhxlsr2c", false)]
    public void Any_hash_of_a_file(string field, string stored, string value, bool met) =>
        Expect(Malware(1).With("executableSet", new() { ["fileName"] = "a.exe", [field] = stored }), value, stored, met ? MatchKind.Hash : null);

    [Fact]
    public void A_hash_that_is_none_is_found_as_it_was_written()
    {
        Expect(Malware(1).With("executableSet", new() { ["md5Hex"] = "ABCDEF" }), "ABCDEF", "ABCDEF", MatchKind.Hash);
        Expect(Malware(1).With("executableSet", new() { ["md5Hex"] = "ABCDEF" }), "abcdef", "ABCDEF", null);
    }

    [Theory]
    [InlineData("Billing@Sender.example", MatchKind.Sender)]
    [InlineData("mailto:billing@sender.example", MatchKind.Sender)]
    [InlineData("illing@sender.example", null)]
    [InlineData("sender.example", null)]
    public void A_stored_sender_address(string value, MatchKind? expected) =>
        Expect(Malware(1).With("senderEmailSet", new() { ["senderEmail"] = "billing@sender.example" }), value, "billing@sender.example", expected);

    [Theory]
    [InlineData("anybody@sender.example", MatchKind.Sender)]
    [InlineData("sender.example", MatchKind.Sender)]
    [InlineData("anybody@sub.sender.example", MatchKind.ParentDomain)]
    [InlineData("anybody@notsender.example", null)]
    public void A_stored_sender_domain(string value, MatchKind? expected) =>
        Expect(Malware(1).With("domainSet", new() { ["domain"] = "sender.example" }), value, "sender.example", expected);

    [Theory]
    [InlineData("192.0.2.1", MatchKind.Sender)]
    [InlineData("192.0.2.10", null)]
    public void A_stored_sender_host(string value, MatchKind? expected) => Expect(Malware(1).With("senderIpSet", new() { ["ip"] = "192.0.2.1" }), value, "192.0.2.1", expected);

    [Theory]
    [InlineData("drop@mail.example", MatchKind.Exact)]
    [InlineData("drop2@mail.example", null)]
    public void A_stored_address_that_is_no_sender(string value, MatchKind? expected) => Expect(Malware(1).Block("Email", "drop@mail.example"), value, "drop@mail.example", expected);

    [Theory]
    [InlineData("Your  Invoice: 12", true)]
    [InlineData("your invoice: 13", false)]
    public void A_stored_subject(string value, bool met) =>
        Expect(Malware(1).With("subjectSet", new() { ["subject"] = "Your Invoice: 12" }), value, "your invoice: 12", met ? MatchKind.Exact : null);

    [Fact]
    public void Everything_of_a_phish_is_in_the_index()
    {
        using var folder = new StoreFolder(backend);
        var phish = Phish(7, "https://login.bank.example/a?b");
        phish["ipDetail"] = new System.Text.Json.Nodes.JsonObject { ["ip"] = "203.0.113.99" };
        phish.With("actionURLs_1", new() { ["url"] = "https://post.example/x" });
        phish.With("webComponents", new() { ["md5"] = Md5, ["resourceURL"] = new System.Text.Json.Nodes.JsonObject { ["url"] = "https://cdn.example/logo.png" } });
        phish.With("kits", new()
        {
            ["sha256"] = Sha256,
            ["files"] = new System.Text.Json.Nodes.JsonArray(new System.Text.Json.Nodes.JsonObject
            {
                ["md5"] = "0cc175b9c0f1b6a831c399e269772661",
                ["emails"] = new System.Text.Json.Nodes.JsonArray(new System.Text.Json.Nodes.JsonObject { ["email"] = "drop@kit.example" }),
            }),
        });
        folder.Put(phish);

        foreach (var value in new[]
        {
            "https://login.bank.example/a?b", "login.bank.example", "203.0.113.99", "https://post.example/x", "post.example", "https://cdn.example/logo.png",
            Md5, Sha256, "0cc175b9c0f1b6a831c399e269772661", "drop@kit.example",
        })
        {
            Assert.NotEmpty(folder.Find(value));
        }
    }

    [Fact]
    public void An_indicator_that_several_rules_meet_comes_once_and_the_most_precise_first()
    {
        using var folder = new StoreFolder(backend);
        folder.Put(Malware(1).Domain("evil.example").Url("http://evil.example/a").Url("http://evil.example/b").Domain("*.evil.example"));

        Assert.Equal(
            [
                (MatchKind.Exact, "http://evil.example/a"),
                (MatchKind.UrlHost, "evil.example"),
                (MatchKind.UrlHost, "http://evil.example/b"),
                (MatchKind.WildcardDomain, "*.evil.example"),
            ],
            folder.Find("http://evil.example/a"));
    }

    [Fact]
    public void A_match_tells_what_is_known_of_indicator_and_threat()
    {
        using var folder = new StoreFolder(backend);
        folder.Put(Malware(12).Block("Domain Name", "evil.example", "Moderate", "Payload", "Pony"));
        using var store = folder.Open();

        var match = Assert.Single(store.Find("www[.]evil[.]example"));

        Assert.Equal(
            new IndicatorMatch
            {
                Input = "www[.]evil[.]example",
                MatchedValue = "evil.example",
                MatchKind = MatchKind.ParentDomain,
                Kind = IndicatorKind.Domain,
                Impact = Impact.Moderate,
                Role = "Payload",
                Family = "Pony",
                Source = IndicatorSource.WatchList,
                ThreatId = new ThreatId(ThreatType.Malware, 12),
                Label = "Threat 12",
                FirstPublished = DateTimeOffset.FromUnixTimeMilliseconds(1_749_999_999_000),
                LastPublished = DateTimeOffset.FromUnixTimeMilliseconds(1_750_000_000_000),
                ThreatDetailUrl = "https://portal.example/p42/search/default?m=12",
            },
            match);
    }

    [Fact]
    public void The_products_reuse_numbers()
    {
        using var folder = new StoreFolder(backend);
        folder.Put(Malware(5).Domain("evil.example"), Phish(5, "http://evil.example/"));
        using var store = folder.Open();

        Assert.Equal(["m_5", "p_5", "p_5"], store.Find("evil.example").Select(match => match.ThreatId.ToString()).Order());
    }

    [Theory]
    [InlineData(Impact.Moderate, "major.example", "moderate.example")]
    [InlineData(Impact.Major, "major.example")]
    [InlineData(Impact.None, "major.example", "moderate.example", "none.example")]
    [InlineData(null, "major.example", "moderate.example", "none.example", "unrated.example")]
    public void Only_matches_of_the_impact_wanted(Impact? least, params string[] expected)
    {
        using var folder = new StoreFolder(backend);
        folder.Put(Malware(1).Domain("major.example", "Major").Domain("moderate.example", "Moderate").Domain("none.example", "None").Domain("unrated.example", null));
        using var store = folder.Open();

        Assert.Equal(
            expected,
            store.Find(
                ["major.example", "moderate.example", "none.example", "unrated.example"],
                new MatchFilter { MinimumImpact = least },
                cancellationToken: TestContext.Current.CancellationToken).Select(match => match.MatchedValue));
    }

    [Fact]
    public void Only_matches_of_the_time_and_role_wanted()
    {
        using var folder = new StoreFolder(backend);
        folder.Put(Malware(1, 1_700_000_000_000).Domain("evil.example", role: "C2"), Malware(2, 1_800_000_000_000).Domain("evil.example", role: "Payload"));
        using var store = folder.Open();

        Assert.Equal(2, store.Find("evil.example").Count());
        Assert.Equal("m_2", Assert.Single(store.Find("evil.example", new MatchFilter { Since = DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000) })).ThreatId.ToString());
        Assert.Equal("m_1", Assert.Single(store.Find("evil.example", new MatchFilter { Roles = ["c2"] })).ThreatId.ToString());
        Assert.Empty(store.Find("evil.example", new MatchFilter { Roles = ["C"] }));
    }

    [Fact]
    public void What_was_withdrawn_is_found_only_when_asked_for()
    {
        using var folder = new StoreFolder(backend);
        folder.Put(Malware(1).Domain("evil.example")).Withdraw("m_1");
        using var store = folder.Open();

        Assert.Empty(store.Find("evil.example"));
        Assert.True(Assert.Single(store.Find("evil.example", new MatchFilter { IncludeWithdrawn = true })).Withdrawn);
    }

    [Fact]
    public void An_update_replaces_all_indicators_of_the_threat_and_of_no_other()
    {
        using var folder = new StoreFolder(backend);
        folder.Put(Malware(1).Domain("old.example").IPv4("203.0.113.7").Url("http://url.example/a?b"), Malware(2).Domain("old.example"));
        folder.Put(Malware(1).Domain("new.example"));
        using var store = folder.Open();

        Assert.Equal("m_2", Assert.Single(store.Find("old.example")).ThreatId.ToString());
        Assert.Single(store.Find("new.example"));
        Assert.Empty(store.Find("203.0.113.0/24"));
        Assert.Empty(store.Find("url.example"));
        Assert.Empty(store.Find("http://url.example/a"));
        Assert.All(store.Check(TestContext.Current.CancellationToken), result => Assert.Equal(CheckOutcome.Pass, result.Outcome));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_update_replaces_keys_that_were_moved_and_keys_that_were_not(bool moved)
    {
        using var folder = new StoreFolder(backend);
        folder.Put(Malware(1).Domain("old.example"), Malware(2).Domain("old.example"));
        _ = moved ? folder.MoveKeys() : folder;

        folder.Put(Malware(1).Domain("new.example"));

        Assert.Equal("m_2", Assert.Single(Threats("old.example")));
        Assert.Equal("m_1", Assert.Single(Threats("new.example")));
        folder.Put(Malware(3).Domain("old.example"));
        Assert.Equal(["m_2", "m_3"], Threats("old.example"));
        folder.MoveKeys();
        Assert.Equal(["m_2", "m_3"], Threats("old.example"));
        using var store = folder.Open();
        Assert.All(store.Check(TestContext.Current.CancellationToken), result => Assert.Equal(CheckOutcome.Pass, result.Outcome));

        IEnumerable<string> Threats(string value)
        {
            using var opened = folder.Open();
            return [.. opened.Find(value).Select(match => match.ThreatId.ToString())];
        }
    }

    [Fact]
    public void An_open_session_sees_what_is_committed_meanwhile_also_with_its_keys_in_memory()
    {
        using var folder = new StoreFolder(backend);
        folder.Put(Malware(1).Domain("evil.example"));
        using var store = folder.Open();
        Assert.Empty(store.Find(Enumerable.Repeat("late.example", 10_001), cancellationToken: TestContext.Current.CancellationToken));

        folder.Put(Malware(2).Domain("late.example"));

        Assert.Single(store.Find("late.example"));
    }

    private void Expect(System.Text.Json.Nodes.JsonObject threat, string value, string stored, MatchKind? expected)
    {
        using var folder = new StoreFolder(backend);
        folder.Put(threat);

        var found = folder.Find(value);

        if (expected is MatchKind kind)
        {
            Assert.Equal((kind, stored), Assert.Single(found));
        }
        else
        {
            Assert.Empty(found);
        }
    }
}

/// <summary>In a file.</summary>
public sealed class SqliteLookupRuleTests() : LookupRuleTests(StateBackendKind.Sqlite);

/// <summary>In a database that hosts share.</summary>
public sealed class PostgreSqlLookupRuleTests() : LookupRuleTests(StateBackendKind.PostgreSql);
