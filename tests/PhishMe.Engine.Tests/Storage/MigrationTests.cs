using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.Sqlite;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Tests.Storage;

/// <summary>State files of older versions keep everything when they become the newest.</summary>
public sealed class MigrationTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Version_3_keeps_cursor_deliveries_queue_dead_letters_runs_and_store()
    {
        using var folder = new StateFolder().WithVersion3();
        var cursor = folder.Rows("SELECT phase, generation, plan, window_begin, window_end, follow_from, next_step, position FROM cursor");
        var deliveries = folder.Rows("SELECT CASE format WHEN 0 THEN 'raw_cef' WHEN 1 THEN 'raw_json' ELSE 'raw_stix' END AS id, type, number, content, first_published, last_published, generation, told_at, withdrawn FROM delivery ORDER BY 1, 2, 3");
        var waiting = folder.Rows("SELECT sequence, event FROM outbox ORDER BY sequence");
        var rest = Rest();

        using (var state = folder.Open())
        {
            Assert.Equal(SyncPhase.Following, state.Cursor!.Phase);
            Assert.Equal(state.Cursor.Position, state.Mirrored);
        }

        Assert.Equal(cursor, folder.Rows("SELECT phase, generation, plan, window_begin, window_end, follow_from, next_step, position FROM cursor"));
        Assert.Equal(115, deliveries.Count);
        Assert.Equal(deliveries, folder.Rows("SELECT id, type, number, content, delivery.first_published, delivery.last_published, delivery.generation, delivered_at, withdrawn FROM delivery JOIN destination USING (destination) ORDER BY 1, 2, 3"));
        Assert.Equal(192, waiting.Count);
        Assert.Equal(waiting, folder.Rows("SELECT sequence, payload FROM queue JOIN destination USING (destination) WHERE id = 'syslog@raw_cef' ORDER BY sequence"));
        Assert.Equal(rest, Rest());

        IReadOnlyList<string> Rest() =>
        [
            .. folder.Rows("SELECT * FROM threat ORDER BY 1, 2"), .. folder.Rows("SELECT * FROM append_file ORDER BY 1"), .. folder.Rows("SELECT * FROM run ORDER BY 1"),
            .. folder.Rows("SELECT threat, type, number, content, first_published, last_published, withdrawn_at, stored_at, impact, label, detail_url FROM stored_threat ORDER BY 1"), .. folder.Rows("SELECT * FROM stored_json ORDER BY 1"), .. folder.Rows("SELECT * FROM indicator ORDER BY 1, 2"),
            .. folder.Rows("SELECT * FROM indicator_key_all ORDER BY 1, 2, 3"),
        ];
    }

    [Fact]
    public async Task The_words_of_dead_letters_become_kinds_and_places()
    {
        using var folder = new StateFolder().WithVersion3();
        using var state = folder.Open();

        var letters = await state.GetDeadLettersAsync(Stop);

        Assert.Equal(
            [
                (DeadLetterKind.MissingWindow, "CEF from 2025-03-02T18:45:00Z to 2025-03-02T18:50:37Z", OutputFormat.Cef, 2),
                (DeadLetterKind.Threat, "m_500001", OutputFormat.Stix, 2),
                (DeadLetterKind.Threat, "m_500007", OutputFormat.Json, 1),
                (DeadLetterKind.Threat, "p_500000", OutputFormat.Stix, 3),
                (DeadLetterKind.MissingResults, "threat 6 of 40 (all) from 2025-01-01T00:00:00Z to 2026-11-28T14:43:52Z", OutputFormat.Json, 2),
            ],
            letters.Select(letter => (letter.Place.Kind, letter.Subject, letter.Format, letter.Attempts)).OrderBy(letter => letter.Subject, StringComparer.Ordinal));
        var gap = letters.Select(letter => letter.Place).OfType<PositionGap>().Single();
        Assert.Equal((5L, 1L, 40L, null), (gap.Position, gap.Count, gap.Total, gap.Type));
        Assert.All(letters, letter => Assert.Null(letter.Destination));
    }

    [Theory]
    [InlineData("m_1")]
    [InlineData("threat 6 of 40 (all) from 2025-01-01T00:00:00Z to 2026-11-28T14:43:52Z")]
    [InlineData("threats 6 to 25 of 40 (phish) from 2025-01-01T00:00:00Z to 2026-11-28T14:43:52Z")]
    [InlineData("CEF from 2025-03-02T18:45:00Z to 2025-03-02T18:50:37Z")]
    [InlineData("backfill 2, page 17, unreadable threat 0")]
    [InlineData("CEF window of 2025-03-02, stray line 3")]
    [InlineData("something else")]
    public void Places_read_from_old_words_say_the_same_words(string subject) => Assert.Equal(subject, LegacySubjectText.PlaceOf(subject).ToString());

    [Fact]
    public void An_event_of_the_old_outbox_is_an_item_of_its_queue() =>
        Assert.Equal(new QueuePlace(new DestinationId("syslog@raw_cef"), 7, null, string.Empty), LegacySubjectText.PlaceOf("syslog event 7"));

    [Fact]
    public void An_upgraded_file_has_the_shape_of_a_new_one()
    {
        const string Shape = "SELECT type, name, replace(replace(sql, char(10), ''), ' ', '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name";
        using StateFolder upgraded = new StateFolder().WithVersion3(), made = new();
        upgraded.Open().Dispose();
        made.Open().Dispose();

        Assert.Equal(made.Rows(Shape), upgraded.Rows(Shape));
        Assert.Equal(made.Rows("PRAGMA user_version"), upgraded.Rows("PRAGMA user_version"));
    }

    [Fact]
    public async Task An_upgrade_that_ends_in_the_middle_leaves_the_old_file_and_is_done_by_the_next()
    {
        using var folder = new StateFolder().WithVersion3();
        Assert.Throws<TimeoutException>(() => folder.Open(step => throw new TimeoutException(step)));
        Assert.Equal("3", Assert.Single(folder.Rows("PRAGMA user_version")));
        Assert.Equal("192", Assert.Single(folder.Rows("SELECT count(*) FROM outbox")));

        using var state = folder.Open();

        Assert.Equal(192, (await state.GetQueueDepthAsync(new DestinationId("syslog@raw_cef"), Stop)).Items);
        Assert.Equal(5, (await state.GetDeadLettersAsync(Stop)).Count);
    }

    /// <summary>Ended in each step of each version, as by a full disk: what the next opening makes of it is what an upgrade without interruption makes.</summary>
    [Fact]
    public void An_upgrade_that_ends_at_any_step_is_completed_by_the_next()
    {
        using var whole = new StateFolder().WithVersion3();
        var steps = new List<string>();
        whole.Open(steps.Add).Dispose();
        var expected = Everything(whole);
        Assert.True(steps.Count >= 10, string.Join(' ', steps));

        for (var end = 0; end < steps.Count; end++)
        {
            using var folder = new StateFolder().WithVersion3();
            var left = end;
            Assert.Throws<TimeoutException>(() => folder.Open(step => _ = left-- == 0 ? throw new TimeoutException(step) : step));
            var version = int.Parse(Assert.Single(folder.Rows("PRAGMA user_version")), System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal(3 + steps.Take(end + 1).Count(step => step == "upgrade-after-commit"), version);
            Assert.Equal(version >= 6, folder.Rows("SELECT 1 FROM sqlite_master WHERE name = 'served_pending'").Count == 1);

            folder.Open().Dispose();

            Assert.Equal(expected, Everything(folder));
        }

        static IReadOnlyList<string> Everything(StateFolder folder) =>
        [
            .. folder.Rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
                .SelectMany(table => folder.Rows($"SELECT * FROM {table}").Order(StringComparer.Ordinal).Select(row => $"{table}: {row}")),
        ];
    }

    [Fact]
    public async Task A_dry_run_sees_the_upgraded_state_and_leaves_the_file_as_it_is()
    {
        using var folder = new StateFolder().WithVersion3();

        using (var copy = StateStore.OpenCopy(folder.Path))
        {
            Assert.Equal(5, (await copy.GetDeadLettersAsync(Stop)).Count);
            Assert.Equal(192, (await copy.GetQueueDepthAsync(new DestinationId("syslog@raw_cef"), Stop)).Items);
            Assert.Equal(37, (await copy.GetDeliveriesAsync(new DestinationId("raw_stix"), [.. Ids(folder)], Stop)).Count);
        }

        Assert.Equal("3", Assert.Single(folder.Rows("PRAGMA user_version")));
    }

    [Fact]
    public async Task A_file_of_version_3_can_be_looked_at_before_a_run_upgrades_it()
    {
        using var folder = new StateFolder().WithVersion3();

        using var state = StateStore.OpenReadOnly(folder.Path);

        Assert.Equal(5, (await state.GetDeadLettersAsync(Stop)).Count);
        Assert.Equal(2, (await state.GetRunSummariesAsync(10, Stop)).Count);
    }

    [Theory]
    [InlineData("raw_cef", "raw_json", "syslog@raw_cef")]
    [InlineData("syslog@raw_cef")]
    [InlineData("raw_cef")]
    public async Task After_the_upgrade_nothing_that_was_delivered_catches_up(params string[] configured)
    {
        using var folder = new StateFolder().WithVersion3();
        using var state = folder.Open();
        DestinationId[] ids = [.. configured.Select(id => new DestinationId(id))];

        await state.AdoptAsync(ids, Stop);

        var known = (await state.GetDestinationsAsync(Stop)).ToDictionary(destination => destination.Id);
        foreach (var id in ids)
        {
            var offset = DestinationOffsets(known.GetValueOrDefault(id), state, id);
            Assert.Null(offset.CatchUp);
        }

        if (configured.Contains("syslog@raw_cef"))
        {
            Assert.Equal(38, (await state.GetDeliveriesAsync(new DestinationId("syslog@raw_cef"), [.. Ids(folder)], Stop)).Count(pair => !pair.Value.Withdrawn));
            Assert.Equal(configured.Contains("raw_cef"), known.ContainsKey(new DestinationId("raw_cef")));
        }
    }

    private static DestinationState DestinationOffsets(DestinationState? known, StateStore state, DestinationId id) =>
        Engine.Running.CatchingUp.DestinationOffsets.At(id, known, (state.Cursor, state.Commit), state.Cursor!, DateTimeOffset.UnixEpoch);

    private static IEnumerable<ThreatId> Ids(StateFolder folder) => folder.Rows("SELECT type, number FROM threat").Select(row =>
        new ThreatId((ThreatType)int.Parse(row.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture), long.Parse(row.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)));
}
