using PhishMe.Intelligence;

namespace PhishMe.Engine.Serving.Pages;

/// <summary>What a search in the store found.</summary>
internal static class SearchPage
{
    /// <summary>Writes it.</summary>
    public static string Of(string words, SearchResult result, PageLinks links)
    {
        ArgumentNullException.ThrowIfNull(result);
        return PageFrame.Around("Search", links, words, html =>
        {
            html.Markup("<h1>Search: ").Text(words).Markup("</h1>\n");
            if (result.Threats.Count == 0 && result.Matches.Count == 0)
            {
                html.Markup("<p>Nothing in the store matches. It holds what was received since its first run; a value that is not here may still be bad.</p>\n");
            }

            if (result.Threats.Count > 0)
            {
                WriteThreats(html, result.Threats, links);
            }

            if (result.Matches.Count > 0)
            {
                WriteMatches(html, result.Matches, links);
            }

            if (result.IsCut)
            {
                html.Markup("<p class=\"soft\">There is more; these are the first. <code>Find-PhishMeIndicator</code> and <code>Get-PhishMeThreat -FromStore</code> have all of it.</p>\n");
            }
        });
    }

    private static void WriteThreats(HtmlText html, IReadOnlyList<Threat> threats, PageLinks links)
    {
        html.Markup("<h2>Threats</h2>\n");
        StatusPage.Table(html, "Threats", "<th>Threat</th><th>Title</th><th>Impact</th><th>Families and brands</th><th>Last published</th>");
        foreach (var threat in threats)
        {
            html.Markup("<tr><td>").Link(links.Threat(threat.Id), threat.Id.ToString())
                .Markup("</td><td>").Text(threat.Label).Markup(Withdrawn(threat.Withdrawn))
                .Markup("</td><td>").Text(threat.Impact?.ToString() ?? "not rated")
                .Markup("</td><td>").Text(string.Join(", ", threat.Families.Concat(threat.Brands)))
                .Markup("</td><td>").Time(threat.LastPublished).Markup("</td></tr>\n");
        }

        html.Markup("</tbody></table></div>\n");
    }

    private static void WriteMatches(HtmlText html, IReadOnlyList<IndicatorMatch> matches, PageLinks links)
    {
        html.Markup("<h2>Indicators</h2>\n");
        StatusPage.Table(html, "Indicators", "<th>How</th><th>Kind</th><th>Value</th><th>Impact</th><th>Role</th><th>Threat</th><th>Last published</th>");
        foreach (var match in matches)
        {
            html.Markup("<tr><td>").Text(match.MatchKind.ToString())
                .Markup("</td><td>").Text(match.Kind.ToString())
                .Markup("</td><td><code>").Text(DefangedText.Of(match.Kind, match.MatchedValue))
                .Markup("</code></td><td>").Text(match.Corollary ? "for correlation only" : match.Impact?.ToString() ?? "not rated")
                .Markup("</td><td>").Text(match.Role)
                .Markup("</td><td>").Link(links.Threat(match.ThreatId), match.ThreatId.ToString()).Markup(" ").Text(match.Label).Markup(Withdrawn(match.Withdrawn))
                .Markup("</td><td>").Time(match.LastPublished).Markup("</td></tr>\n");
        }

        html.Markup("</tbody></table></div>\n");
    }

    private static string Withdrawn(bool isWithdrawn) => isWithdrawn ? " <span class=\"bad\">withdrawn</span>" : string.Empty;
}
