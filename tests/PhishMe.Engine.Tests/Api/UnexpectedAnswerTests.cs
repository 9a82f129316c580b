using System.Text;
using PhishMe.Engine.Api;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Tests.Network;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using Serilog.Core;

namespace PhishMe.Engine.Tests.Api;

/// <summary>Answers that are not what they seem are read, or refused for the true reason.</summary>
public sealed class UnexpectedAnswerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("{\"success\":true,\"data\":[{\"id\":23,\"displayName\":\"Cofense\"}]}")]
    [InlineData("\r\n {\"success\":true,\"data\":[{\"id\":23,\"displayName\":\"Cofense\"}]}")]
    public async Task A_byte_order_mark_before_JSON(string json)
    {
        await using var server = new CannedServer(_ => CannedServer.Http("200 OK", [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(json)]));
        using var client = Client(server.Uri);

        await client.PingAsync(Stop);
        Assert.Equal(23, Assert.Single(await client.GetFeedsAsync(Stop)).Id);
    }

    [Fact]
    public async Task A_byte_order_mark_before_every_other_answer_in_JSON()
    {
        const string Threat = "{\"id\":7,\"threatType\":\"MALWARE\"}";
        await using var server = new CannedServer(head => CannedServer.Http("200 OK", [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(
            head.Contains("/threat/updates", StringComparison.Ordinal) ? "{\"success\":true,\"data\":{\"nextPosition\":\"abc\",\"changelog\":[]}}"
            : head.Contains("/threat/search", StringComparison.Ordinal) ? $"{{\"success\":true,\"data\":{{\"page\":{{\"totalPages\":1,\"totalElements\":1}},\"threats\":[{Threat}]}}}}"
            : $"{{\"success\":true,\"data\":{Threat}}}")]));
        using var client = Client(server.Uri);

        Assert.Equal("abc", (await client.GetUpdatesAsync(null, DateTimeOffset.UnixEpoch, Stop)).NextPosition);
        using var search = await client.SearchAsync(new SearchQuery { ResultsPerPage = 10 }, Stop);
        Assert.Single(search.Threats);
        using var detail = await client.GetThreatAsync(new ThreatId(ThreatType.Malware, 7), Stop);
        Assert.Single(detail.Threats);
    }

    [Theory]
    [InlineData("404 Not Found")]
    [InlineData("400 Bad Request")]
    [InlineData("410 Gone")]
    public async Task A_refusal_of_the_first_request_names_base_url(string status)
    {
        await using var server = new CannedServer(_ => CannedServer.Http(status, []));
        using var client = Client(server.Uri);

        var fault = (await Assert.ThrowsAsync<ApiException>(() => client.PingAsync(Stop))).ToFault().Fault;

        Assert.Equal(Faults.ApiAnswerInvalid, fault.Kind);
        Assert.Contains("base_url", fault.Message, StringComparison.Ordinal);
        Assert.Contains("/apiv1", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Wait", fault.Kind.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_of_a_later_request_does_not()
    {
        await using var server = new CannedServer(head => head.Contains("/feed/", StringComparison.Ordinal)
            ? CannedServer.Http("200 OK", "{\"success\":true,\"data\":[]}"u8.ToArray())
            : CannedServer.Http("404 Not Found", []));
        using var client = Client(server.Uri);
        await client.PingAsync(Stop);

        var failure = await Assert.ThrowsAsync<ApiException>(() => client.GetThreatAsync(new ThreatId(ThreatType.Malware, 7), Stop));

        Assert.Null(failure.AddressHint);
        Assert.Equal(Faults.ApiFailing, failure.ToFault().Fault.Kind);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(400)]
    [InlineData(998)]
    public void A_threat_that_is_nested_deep_is_delivered(int levels)
    {
        var threat = ThreatDocumentReader.Read(Nested(1, levels));

        Assert.Equal("m_1", threat?.Id.ToString());
        Assert.NotNull(PhishMe.Engine.Threats.ThreatReader.Read(Nested(1, levels)));
    }

    [Fact]
    public async Task A_threat_that_is_nested_too_deep_is_set_aside_for_that_reason_and_alone()
    {
        var page = $"{{\"success\":true,\"data\":{{\"page\":{{\"totalPages\":1,\"totalElements\":3}},\"threats\":[{Text(1, 5)},{Text(2, 5000)},{Text(3, 400)}]}}}}";
        await using var server = new CannedServer(_ => CannedServer.Http("200 OK", Encoding.UTF8.GetBytes(page)));
        using var client = Client(server.Uri);

        using var read = await client.SearchAsync(new SearchQuery { ResultsPerPage = 10 }, Stop);

        Assert.Equal(["m_1", "m_3"], read.Threats.Select(threat => threat.Id.ToString()));
        Assert.Contains("nested", Assert.Single(read.Unreadable).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_deep_threat_of_the_field_case() =>
        Assert.Equal("m_9130", ThreatDocumentReader.Read(File.ReadAllBytes(Path.Combine(SharedMaterial.Folder("cases", "deep-nesting"), "threat.json")))?.Id.ToString());

    private static string Text(int id, int levels) =>
        $"{{\"id\":{id},\"threatType\":\"MALWARE\",\"x\":{string.Concat(Enumerable.Repeat("[", levels))}{string.Concat(Enumerable.Repeat("]", levels))}}}";

    private static byte[] Nested(int id, int levels) => Encoding.UTF8.GetBytes(Text(id, levels));

    private static ThreatHqClient Client(Uri uri) => new(
        new ApiSettings
        {
            BaseUri = uri,
            User = "u",
            Password = "p",
            VerifyTls = true,
            InitialDate = DateTimeOffset.UnixEpoch,
            ResultsPerPage = 100,
            MaximumTries = 1,
            ExpiredThreatDays = 90,
            ConcurrentRequests = 1,
            RequestsPerSecond = 10,
            RunTimeoutMinutes = 14,
        },
        null, "test", new ApiTimings(), TimeProvider.System, Logger.None);
}
