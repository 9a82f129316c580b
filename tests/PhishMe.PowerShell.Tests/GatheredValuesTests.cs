using Microsoft.Extensions.Time.Testing;

namespace PhishMe.PowerShell.Tests;

/// <summary>When values of a pipeline are looked up: many together where a look-up is a way to a server, and none waits for one that a person still writes.</summary>
public sealed class GatheredValuesTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void In_a_state_file_each_value_is_looked_up_as_it_comes()
    {
        var gathered = new GatheredValues(isShared: false, _clock);
        Assert.All(Enumerable.Range(0, 1000), number => Assert.Equal([$"{number}"], Next(gathered, $"{number}")));
    }

    [Fact]
    public void A_person_who_writes_one_value_after_the_other_gets_each_answer_at_once()
    {
        var gathered = new GatheredValues(isShared: true, _clock);
        Assert.All(Enumerable.Range(0, 10), number =>
        {
            Assert.Equal([$"{number}"], Next(gathered, $"{number}"));
            _clock.Advance(GatheredValues.Pause);
        });
    }

    [Fact]
    public void Values_that_follow_each_other_closely_are_looked_up_together_in_their_order()
    {
        var gathered = new GatheredValues(isShared: true, _clock);
        List<IReadOnlyList<string>> lookedUp = [.. Enumerable.Range(0, 1000).Select(number => Next(gathered, $"{number}")).Where(values => values.Count > 0)];
        lookedUp.Add(gathered.Take());

        Assert.Equal(Enumerable.Range(0, 1000).Select(number => $"{number}"), lookedUp.SelectMany(values => values));
        Assert.Equal([1, GatheredValues.Most, GatheredValues.Most, GatheredValues.Most, 999 - (3 * GatheredValues.Most)], lookedUp.Select(values => values.Count));
    }

    [Fact]
    public void A_value_does_not_wait_longer_than_a_pause_while_others_follow()
    {
        var gathered = new GatheredValues(isShared: true, _clock);
        Assert.Equal(["a"], Next(gathered, "a"));
        Assert.Empty(Next(gathered, "b"));
        _clock.Advance(GatheredValues.Pause / 2);
        Assert.Empty(Next(gathered, "c"));
        _clock.Advance(GatheredValues.Pause / 2);

        Assert.Equal(["b", "c", "d"], Next(gathered, "d"));
    }

    [Fact]
    public void What_a_look_up_takes_is_no_pause()
    {
        var gathered = new GatheredValues(isShared: true, _clock);
        Assert.True(gathered.Add(["a"]));
        gathered.Take();
        _clock.Advance(TimeSpan.FromMinutes(1));
        gathered.Done();

        Assert.False(gathered.Add(["b"]));
    }

    [Fact]
    public void Blank_values_are_skipped()
    {
        var gathered = new GatheredValues(isShared: true, _clock);
        Assert.Equal(["a"], Next(gathered, "a", "", "  "));
    }

    private static IReadOnlyList<string> Next(GatheredValues gathered, params string[] values)
    {
        if (!gathered.Add(values))
        {
            return [];
        }

        var taken = gathered.Take();
        gathered.Done();
        return taken;
    }
}
