using System.Globalization;

namespace PhishMe.Engine.Serving.Taxii;

/// <summary>Reads what a reader wants from the parameters of its request.</summary>
internal static class TaxiiQuery
{
    private static readonly string[] _wordsOfVersions = ["last", "first", "all"];

    /// <summary>The place at which a page begins.</summary>
    /// <param name="route">What is asked for.</param>
    /// <param name="parameters">The parameters.</param>
    /// <param name="pageLimit">Objects of a page at most.</param>
    /// <exception cref="TaxiiProblem">A parameter cannot be read.</exception>
    public static (TaxiiPlace Place, bool IsFirst) Read(TaxiiRoute route, IReadOnlyList<KeyValuePair<string, string>> parameters, int pageLimit)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var resource = route.ObjectId is null ? route.Resource.ToString() : $"{route.Resource} {route.ObjectId}";
        TaxiiPlace? elsewhere = null;
        if (Last("next") is string next)
        {
            if (TaxiiPlace.Read(next) is not TaxiiPlace place || place.Resource != resource || place.Limit <= 0)
            {
                throw new TaxiiProblem(400, "'next' is not one that this server gave for this resource.", "Begin again without it, or with added_after.");
            }

            if (place.Collection == route.Collection!.Number)
            {
                // It says everything; what stands beside it may be of another page.
                return (place with { Limit = Math.Min(place.Limit, pageLimit) }, false);
            }

            // The poller of OpenCTI takes it along to the next collection, of which it says no place: that one begins at its beginning.
            elsewhere = place;
        }

        var limit = pageLimit;
        if (Last("limit") is string written)
        {
            limit = int.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out var wanted) && wanted > 0
                ? Math.Min(wanted, pageLimit)
                : written.Length > 9 && written.All(char.IsAsciiDigit) ? pageLimit
                : throw new TaxiiProblem(400, "'limit' is not a number above 0.", "Write how many objects of a page are wanted at most.");
        }

        return (
            new TaxiiPlace
            {
                Collection = route.Collection!.Number,
                Resource = resource,
                Filter = ReadFilter(route),
                Limit = limit,
                After = 0,
            },
            true);

        string? Last(string name) => parameters.LastOrDefault(parameter => parameter.Key == name) is { Key: not null } found ? found.Value : null;

        TaxiiFilter ReadFilter(TaxiiRoute of)
        {
            if (parameters.FirstOrDefault(parameter => parameter.Key.StartsWith("match[", StringComparison.Ordinal)
                && parameter.Key is not ("match[id]" or "match[type]" or "match[version]" or "match[spec_version]")) is { Key: not null } unknown)
            {
                throw new TaxiiProblem(400, "There is no such match field.", "This server knows match[id], match[type], match[version] and match[spec_version].");
            }

            var after = Last("added_after") is not string time ? (long?)null
                : TaxiiTime.Read(time) ?? throw new TaxiiProblem(400, "'added_after' is not a time.", "Write it like 2026-01-31T08:00:00.000Z.");
            var versions = Values("match[version]");
            var specifications = Values("match[spec_version]");
            return new TaxiiFilter
            {
                AddedAfter = after ?? elsewhere?.Filter.AddedAfter,
                Ids = of.ObjectId is string id ? [id] : Values("match[id]"),
                Types = of.ObjectId is null ? [.. Values("match[type]").Select(type => type.ToLowerInvariant())] : [],
                Versions = versions.Any(version => _wordsOfVersions.Contains(version, StringComparer.OrdinalIgnoreCase)) || of.Resource == TaxiiResource.Versions
                    ? []
                    : [.. versions.Select(version => TaxiiTime.Read(version) ?? throw new TaxiiProblem(
                        400, "'match[version]' is neither a time nor last, first or all.", "Write it like 2026-01-31T08:00:00.000Z."))],
                TakesSpecification = specifications.Length == 0 || specifications.Contains("2.1"),
            };
        }

        string[] Values(string name) =>
        [
            .. parameters.Where(parameter => parameter.Key == name)
                .SelectMany(parameter => parameter.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)),
        ];
    }
}
