using System.Text;
using System.Text.Json;
using PhishMe.Engine.Api;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Lookup;

/// <summary>A query: what the index answers, and the fields that have to be looked for in the JSON.</summary>
internal sealed class ThreatConditions
{
    private readonly StoreQuery _query;
    private readonly List<(SearchField Field, List<string> Wanted)> _fields = [];

    /// <exception cref="PhishMeException">A field is unknown.</exception>
    public ThreatConditions(StoreQuery query)
    {
        _query = query;
        var fields = query.Search is ThreatQuery search ? query.Fields.Concat(SearchFields.Of(search)) : query.Fields;
        foreach (var same in fields.GroupBy(field => field.Key, StringComparer.OrdinalIgnoreCase))
        {
            _fields.Add((SearchField.Named(same.Key), [.. same.Select(field => field.Value)]));
        }
    }

    /// <summary>What the index answers. The JSON has the last word; the index spares reading most of it.</summary>
    public StoredThreatConditions Stored => new()
    {
        IncludeWithdrawn = _query.IncludeWithdrawn,
        Types = [.. new[] { _query.Type, _query.Search?.Type }.OfType<ThreatType>()],
        PublishedFrom = Latest(_query.Since, _query.Search?.PublishedAfter),
        PublishedBefore = _query.Until?.ToUnixTimeMilliseconds(),
        PublishedUntil = _query.Search?.PublishedBefore?.ToUnixTimeMilliseconds(),
        MinimumImpact = _query.MinimumImpact,
        Ids = _query.Ids,
        Terms = [.. Terms()],
        Roles = _query.Roles,
        Keys =
        [
            .. _fields.Where(one => one.Field.Match == FieldMatch.Indexed)
                .Select(one => one.Wanted.SelectMany(SearchField.NormalForms)
                    .Select(text => IndexKey.Of(KeySpace.Value, Encoding.UTF8.GetBytes(text))).ToArray()),
        ],
    };

    /// <summary>Whether the JSON has what the fields want.</summary>
    public bool Accept(ThreatId id, ReadOnlyMemory<byte> json)
    {
        if (_fields.Count == 0)
        {
            return true;
        }

        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = JsonDepth.MostOfThreat, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            return _fields.TrueForAll(field => field.Field.Finds(id, document.RootElement, field.Wanted));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static long? Latest(DateTimeOffset? one, DateTimeOffset? other) =>
        (one is null || other > one ? other : one)?.ToUnixTimeMilliseconds();

    private IEnumerable<TermCondition> Terms()
    {
        if (_query.Search?.Family is string family)
        {
            yield return new TermCondition([TermSort.Family], [family.Trim()]);
        }

        // The index does not know the brand "None", which stands for no brand.
        if (_query.Search?.Brand is { Count: > 0 } brands && !brands.Contains("None", StringComparer.OrdinalIgnoreCase))
        {
            yield return new TermCondition([TermSort.Brand], [.. brands.Select(brand => brand.Trim())]);
        }

        if (_query.Families.Count > 0)
        {
            yield return new TermCondition([TermSort.Family, TermSort.DeliveryMechanism], _query.Families);
        }

        if (_query.Brands.Count > 0)
        {
            yield return new TermCondition([TermSort.Brand], _query.Brands);
        }
    }
}
