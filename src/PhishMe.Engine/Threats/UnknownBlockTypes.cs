using System.Collections.Concurrent;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Threats;

/// <summary>Counts watch-list entries of types this version does not know, so that a run can say what it could not tell. For any number of threads.</summary>
internal sealed class UnknownBlockTypes
{
    private const int MostTypes = 20;

    private readonly ConcurrentDictionary<string, int> _counts = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Notes the unknown ones of a threat.</summary>
    public void Note(Threat threat)
    {
        ArgumentNullException.ThrowIfNull(threat);
        foreach (var indicator in threat.Indicators)
        {
            if (indicator.UnknownType is string type)
            {
                // The words are the API's: a hostile one must not fill the memory.
                var key = _counts.Count < MostTypes || _counts.ContainsKey(type) ? type : "others";
                _counts.AddOrUpdate(key, 1, (_, count) => count + 1);
            }
        }
    }

    /// <summary>One sentence about all of them; null when there were none.</summary>
    public string? Warning => _counts.IsEmpty
        ? null
        : $"Watch-list entries of types this version does not know: {string.Join(", ", _counts.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => $"{(pair.Key.Length == 0 ? "without a type" : VisibleText.Of(pair.Key))} {pair.Value}"))}. "
            + "They are in JSON as received, in the store and in CSV with -IncludeMalformed; CEF and STIX have no form for them.";
}
