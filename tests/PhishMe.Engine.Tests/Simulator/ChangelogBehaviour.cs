using System.Net;
using System.Text;
using System.Text.Json;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Simulator;

public sealed class ChangelogBehaviour : IAsyncLifetime
{
    private ThreatHqSimulator _simulator = null!;
    private ApiCaller _caller = null!;

    public async ValueTask InitializeAsync()
    {
        _simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 20 }, TestContext.Current.CancellationToken);
        _caller = new ApiCaller(_simulator);
    }

    public async ValueTask DisposeAsync()
    {
        _caller.Dispose();
        await _simulator.DisposeAsync();
    }

    [Fact]
    public async Task When_nothing_is_new_the_position_stays_the_one_that_was_sent()
    {
        var position = _simulator.CurrentPosition;
        var data = await UpdatesAsync("position=" + position);
        Assert.Empty(data.GetProperty("changelog").EnumerateArray());
        Assert.Equal(position, data.GetProperty("nextPosition").GetString());
    }

    [Fact]
    public async Task What_happens_is_listed_in_order_also_several_times()
    {
        var position = _simulator.CurrentPosition;
        (var type, var id) = _simulator.Publish(1)[0];
        var name = $"{type[0]}_{id}";
        _simulator.Republish(name);
        _simulator.Withdraw(name);
        _simulator.Restore(name);

        var data = await UpdatesAsync("position=" + position);
        Assert.Equal(
            [(id, type, false), (id, type, false), (id, type, true), (id, type, false)],
            data.GetProperty("changelog").EnumerateArray().Select(entry =>
                (entry.GetProperty("threatId").GetInt64(), entry.GetProperty("threatType").GetString()!, entry.GetProperty("deleted").GetBoolean())));
        Assert.Equal(_simulator.CurrentPosition, data.GetProperty("nextPosition").GetString());
    }

    [Fact]
    public async Task An_answer_holds_a_thousand_changes_and_the_next_one_the_rest()
    {
        var position = _simulator.CurrentPosition;
        _simulator.Publish(1200);
        var first = await UpdatesAsync("position=" + position);
        var second = await UpdatesAsync("position=" + first.GetProperty("nextPosition").GetString());
        Assert.Equal(1000, first.GetProperty("changelog").GetArrayLength());
        Assert.Equal(200, second.GetProperty("changelog").GetArrayLength());

        _simulator.NextChangelogPageSize = 10;
        Assert.Equal(10, (await UpdatesAsync("position=" + position)).GetProperty("changelog").GetArrayLength());
        Assert.Equal(1000, (await UpdatesAsync("position=" + position)).GetProperty("changelog").GetArrayLength());
    }

    [Fact]
    public async Task A_time_in_seconds_names_what_came_since_and_milliseconds_name_nothing()
    {
        Assert.Equal(20, (await UpdatesAsync("timestamp=0")).GetProperty("changelog").GetArrayLength());
        var empty = await UpdatesAsync("timestamp=1735689600000");
        Assert.Empty(empty.GetProperty("changelog").EnumerateArray());
        Assert.Equal(_simulator.CurrentPosition, empty.GetProperty("nextPosition").GetString());

        var occurredOn = (await UpdatesAsync("timestamp=0")).GetProperty("changelog")[10].GetProperty("occurredOn").GetInt64();
        Assert.Equal(10, (await UpdatesAsync($"timestamp={(occurredOn / 1000) + 1}")).GetProperty("changelog").GetArrayLength() + 1);
    }

    [Theory]
    [InlineData("position=5f1c2b7e-51c4-4c0d-9a1e-0c5d8a7b9e21")]
    [InlineData("position=here")]
    [InlineData("")]
    [InlineData("position=5f1c2b7e-51c4-4c0d-9a1e-0c5d8a7b9e21&timestamp=1")]
    public async Task A_position_it_never_gave_is_refused(string query) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await _caller.ProblemAsync("/threat/updates?" + query)).Status);

    [Fact]
    public async Task A_simulator_started_again_understands_the_positions_of_the_one_before()
    {
        await using var again = await ThreatHqSimulator.StartAsync(new SimulatorOptions { Threats = 20 }, TestContext.Current.CancellationToken);
        Assert.Equal(_simulator.CurrentPosition, again.CurrentPosition);
    }

    [Fact]
    public async Task Dates_of_entries_come_in_the_old_form_the_new_one_both_or_none()
    {
        var forms = new List<(bool, bool)>();
        foreach ((var timestamp, var occurredOn) in new[] { (true, false), (false, true), (true, true), (false, false) })
        {
            await using var simulator = await ThreatHqSimulator.StartAsync(
                new SimulatorOptions { Threats = 1, IncludeTimestamp = timestamp, IncludeOccurredOn = occurredOn }, TestContext.Current.CancellationToken);
            using var caller = new ApiCaller(simulator);
            var entry = (await caller.DataAsync("/threat/updates?timestamp=0")).GetProperty("changelog")[0];
            Assert.Equal((timestamp, occurredOn), (entry.TryGetProperty("timestamp", out _), entry.TryGetProperty("occurredOn", out _)));
        }
    }

    [Fact]
    public void A_republication_changes_the_content_and_the_date_unless_asked_otherwise()
    {
        _simulator.Publish(Encoding.UTF8.GetBytes(FactSheet.MalwareA));
        _simulator.Publish(Encoding.UTF8.GetBytes(FactSheet.PhishA));
        foreach ((var type, var id) in _simulator.Threats)
        {
            var name = $"{type[0]}_{id}";
            var before = _simulator.Json(name).ToArray();
            _simulator.RepublishUnchanged(name, moveDate: false);
            Assert.Equal(before, _simulator.Json(name).ToArray());

            _simulator.RepublishUnchanged(name);
            Assert.Equal(WithoutDate(before), WithoutDate(_simulator.Json(name).ToArray()));
            Assert.NotEqual(before, _simulator.Json(name).ToArray());

            _simulator.Republish(name);
            Assert.NotEqual(WithoutDate(before), WithoutDate(_simulator.Json(name).ToArray()));
        }
    }

    [Fact]
    public void A_republication_takes_one_indicator_away_and_adds_one()
    {
        _simulator.Publish(Encoding.UTF8.GetBytes(FactSheet.MalwareA));
        var before = Blocks("m_900101").Length;
        var second = Blocks("m_900101")[1];
        _simulator.Republish("m_900101");
        Assert.Equal(before, Blocks("m_900101").Length);
        Assert.Equal(second, Blocks("m_900101")[0]);

        var generated = Blocks("m_500000");
        _simulator.Republish("m_500000");
        Assert.Equal(generated[1..], Blocks("m_500000")[..^1]);
    }

    [Fact]
    public async Task A_withdrawn_threat_is_found_no_more_until_it_is_restored()
    {
        var before = _simulator.Json("m_500001").ToArray();
        _simulator.Withdraw("m_500001");
        Assert.Equal(HttpStatusCode.NotFound, await _caller.StatusAsync("/threat/malware/500001"));
        Assert.Equal(19, (await _caller.DataAsync("/threat/search")).GetProperty("page").GetProperty("totalElements").GetInt32());
        Assert.Throws<KeyNotFoundException>(() => _simulator.Json("m_500001"));
        _simulator.Restore("m_500001");
        Assert.Equal(WithoutDate(before), WithoutDate(_simulator.Json("m_500001").ToArray()));
    }

    private static string WithoutDate(byte[] document)
    {
        var node = System.Text.Json.Nodes.JsonNode.Parse(document)!.AsObject();
        foreach (var date in new[] { "lastPublished", "lastDate", "lastUpdated" })
        {
            node.Remove(date);
        }

        return node.ToJsonString();
    }

    private string[] Blocks(string name) =>
        [.. JsonDocument.Parse(_simulator.Json(name)).RootElement.GetProperty("blockSet").EnumerateArray().Select(block => block.GetRawText())];

    private Task<JsonElement> UpdatesAsync(string query) => _caller.DataAsync("/threat/updates?" + query);
}
