using System.Globalization;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Configuration;

/// <summary>The keys score_major to score_none: how sure an indicator is that the vendor did not rate, by its impact.</summary>
internal static class ScoreKeys
{
    private static readonly Impact[] _impacts = [Impact.Major, Impact.Moderate, Impact.Minor, Impact.None];

    /// <summary>Those of [integration_defaults].</summary>
    public static IEnumerable<KeySchema> Common() => _impacts.Select(impact => Key(
        impact,
        ScoreTable.Usual.Of(impact).ToString(CultureInfo.InvariantCulture),
        $"Score of {Word(impact)}: the confidence in an indicator without one of the vendor's, in every product that has a confidence or a score."));

    /// <summary>Those of a product that has a confidence or a score.</summary>
    public static IEnumerable<KeySchema> OfProduct() => _impacts.Select(impact =>
        Key(impact, string.Empty, $"Score of {Word(impact)}. Empty: as in [integration_defaults].") with { MayBeEmpty = true });

    /// <summary>Reads the scores of a section.</summary>
    /// <param name="section">[integration_defaults], or the section of a product; one without these keys has the common scores.</param>
    /// <param name="common">The scores where the section says nothing.</param>
    public static ScoreTable Read(SectionValues section, ScoreTable common)
    {
        ArgumentNullException.ThrowIfNull(section);
        ArgumentNullException.ThrowIfNull(common);
        if (!section.Has(NameOf(Impact.Major)))
        {
            return common;
        }

        var scores = new ScoreTable { Major = Of(Impact.Major), Moderate = Of(Impact.Moderate), Minor = Of(Impact.Minor), None = Of(Impact.None) };
        for (var lower = 1; lower < _impacts.Length; lower++)
        {
            var (high, low) = (scores.Of(_impacts[lower - 1]), scores.Of(_impacts[lower]));
            if (low > high)
            {
                section.Report(
                    FindingRules.OutOfRange,
                    NameOf(_impacts[lower]),
                    string.Create(CultureInfo.InvariantCulture, $"The score of {Word(_impacts[lower])} is {low} and that of {Word(_impacts[lower - 1])} is {high}. ")
                    + "A lower impact cannot have a higher score: targets would block the harmless first.");
                return common;
            }
        }

        return scores;

        int Of(Impact impact) => section.OptionalInteger(NameOf(impact)) ?? common.Of(impact);
    }

    private static KeySchema Key(Impact impact, string value, string description) => Ours(Number(NameOf(impact), value, 0, 100, description));

    private static string NameOf(Impact impact) => $"score_{Word(impact)}";

    private static string Word(Impact impact) => impact.ToString().ToLowerInvariant();
}
