using System.Collections.Concurrent;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell;

/// <summary>Names that came by in a session, for tab completion. Bounded: after so many, new ones are left out.</summary>
internal sealed class SeenWords
{
    private const int MostOfEach = 1000;

    private readonly ConcurrentDictionary<string, byte> _families = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, byte> _brands = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, byte> _roles = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Malware families.</summary>
    public IEnumerable<string> Families => _families.Keys;

    /// <summary>Brands.</summary>
    public IEnumerable<string> Brands => _brands.Keys;

    /// <summary>Roles of indicators.</summary>
    public IEnumerable<string> Roles => _roles.Keys;

    /// <summary>Remembers the names in a threat.</summary>
    /// <param name="threat">The threat.</param>
    public void Add(Threat threat)
    {
        foreach (var family in threat.Families)
        {
            Add(_families, family);
        }

        foreach (var brand in threat.Brands)
        {
            Add(_brands, brand);
        }

        foreach (var indicator in threat.Indicators)
        {
            Add(indicator);
        }
    }

    /// <summary>Remembers the names in an indicator.</summary>
    /// <param name="indicator">The indicator.</param>
    public void Add(Indicator indicator)
    {
        Add(_roles, indicator.Role);
        Add(_families, indicator.Family);
    }

    private static void Add(ConcurrentDictionary<string, byte> words, string? word)
    {
        if (!string.IsNullOrWhiteSpace(word) && !words.ContainsKey(word) && words.Count < MostOfEach)
        {
            words.TryAdd(word, 0);
        }
    }
}
