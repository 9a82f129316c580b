using System.Text;
using PhishMe.Engine.Lookup;
using PhishMe.Engine.Storage;
using static PhishMe.Engine.Tests.Store.ThreatBuilder;

namespace PhishMe.Engine.Tests.Store;

/// <summary>The keys in memory: never a no for what is stored, however much of the index was read.</summary>
public sealed class KeyFilterTests
{
    private const int Stored = 600;

    [Fact]
    public void What_is_stored_may_always_be_there_and_what_is_not_is_known_in_the_end()
    {
        using var folder = new StoreFolder();
        folder.Put(Enumerable.Range(0, Stored).Select(number => Malware(number).Domain(Name(number)))).MoveKeys();
        folder.Put(Malware(Stored).Domain(Name(Stored)));
        using var reader = folder.Store.OpenReader();
        var filter = new KeyFilter((INearIndex)reader.Index);
        var unread = 0;
        for (; !filter.IsComplete; filter.Read(100))
        {
            Assert.All(Enumerable.Range(0, Stored + 1), number => Assert.True(filter.MayContain(Key(number)), $"{Name(number)} after {unread * 100} keys"));
            unread++;
        }

        Assert.True(unread > Stored / 100);
        Assert.All(Enumerable.Range(0, Stored + 1), number => Assert.True(filter.MayContain(Key(number)), Name(number)));
        Assert.InRange(Enumerable.Range(100_000, 10_000).Count(number => filter.MayContain(Key(number))), 0, 500);
    }

    private static string Name(int number) => $"host{number}.evil.example";

    private static long Key(int number) => IndexKey.Of(KeySpace.Value, Encoding.UTF8.GetBytes(Name(number)));
}
