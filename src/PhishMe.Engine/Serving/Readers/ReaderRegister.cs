namespace PhishMe.Engine.Serving.Readers;

/// <summary>
/// What readers did since the server started: the sign that a reader is still there. In memory, because the server writes nothing. Names come from clients:
/// they are cut, and of more readers than <see cref="Most"/> those that asked last are kept.
/// </summary>
internal sealed class ReaderRegister
{
    /// <summary>Readers that are remembered.</summary>
    public const int Most = 100;

    /// <summary>Characters of a name that are remembered.</summary>
    public const int LongestName = 60;

    private readonly Lock _turn = new();
    private readonly Dictionary<ReaderKey, ReaderProgress> _known = [];

    /// <summary>The readers, ordered by collection, user and client.</summary>
    public IReadOnlyList<ReaderProgress> All
    {
        get
        {
            lock (_turn)
            {
                return
                [
                    .. _known.Values.OrderBy(one => one.Key.Section, StringComparer.Ordinal).ThenBy(one => one.Key.Collection, StringComparer.Ordinal)
                        .ThenBy(one => one.Key.User, StringComparer.Ordinal).ThenBy(one => one.Key.Client, StringComparer.Ordinal),
                ];
            }
        }
    }

    /// <summary>Notes that a reader got an answer.</summary>
    public void Note(ReaderProgress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        var key = progress.Key with { User = Cut(progress.Key.User), Client = Cut(progress.Key.Client) };
        lock (_turn)
        {
            if (_known.Count >= Most && !_known.ContainsKey(key))
            {
                _known.Remove(_known.Values.MinBy(one => one.PolledAt)!.Key);
            }

            _known[key] = progress with { Key = key };
        }
    }

    private static string Cut(string name) => name.Length <= LongestName ? name : $"{name[..(LongestName - 1)]}…";
}
