using PhishMe.Intelligence;

namespace PhishMe.Engine.Serving.Pages;

/// <summary>A threat of the store with its indicators, defanged.</summary>
internal static class ThreatPage
{
    /// <summary>Rows of indicators at most; the largest threats have thousands.</summary>
    private const int IndicatorsShown = 2000;

    /// <summary>Writes it.</summary>
    public static string Of(Threat threat, PageLinks links)
    {
        ArgumentNullException.ThrowIfNull(threat);
        return PageFrame.Around(threat.Id.ToString(), links, string.Empty, html =>
        {
            html.Markup("<h1>").Text(threat.Label ?? threat.Id.ToString()).Markup("</h1>\n");
            if (threat.Withdrawn)
            {
                html.Markup("<p class=\"bad\">The vendor withdrew this threat. Do not block its indicators.</p>\n");
            }

            WriteFacts(html, threat);
            if (threat.ExecutiveSummary is string summary)
            {
                html.Markup("<h2>Summary</h2>\n<p>").Text(summary).Markup("</p>\n");
            }

            WriteIndicators(html, threat, links);
        });
    }

    private static void WriteFacts(HtmlText html, Threat threat)
    {
        html.Markup("<dl class=\"cards\">\n");
        Fact("Threat", () => html.Element("code", threat.Id.ToString()));
        Fact("Product", () => html.Text(threat.Type == ThreatType.Malware ? "Malware" : "Phishing"));
        Fact("Impact", () => html.Text(threat.Impact?.ToString() ?? "not rated"));
        Fact("First published", () => html.Time(threat.FirstPublished));
        Fact("Last published", () => html.Time(threat.LastPublished));
        Named("Families", threat.Families);
        Named("Delivery", threat.DeliveryMechanisms);
        Named("Brands", threat.Brands);
        if (PageLinks.Outside(threat.ThreatDetailUri) is string address)
        {
            Fact("In the portal", () => html.Link(address, "open"));
        }

        html.Markup("</dl>\n");

        void Fact(string name, Action value)
        {
            html.Markup("<div><dt>").Text(name).Markup("</dt><dd>");
            value();
            html.Markup("</dd></div>\n");
        }

        void Named(string name, IReadOnlyList<string> names)
        {
            if (names.Count > 0)
            {
                Fact(name, () => html.Text(string.Join(", ", names)));
            }
        }
    }

    private static void WriteIndicators(HtmlText html, Threat threat, PageLinks links)
    {
        html.Markup("<h2>").Text(PageText.Count(threat.Indicators.Count, "indicator")).Markup("</h2>\n");
        StatusPage.Table(html, "Indicators", "<th>Kind</th><th>Value</th><th>Impact</th><th>Role</th><th>Family</th><th>File</th>");
        foreach (var one in threat.Indicators.Take(IndicatorsShown))
        {
            html.Markup("<tr><td>").Text(one.UnknownType ?? one.Kind.ToString())
                .Markup("</td><td><code>").Link(one.NormalizedValue is string value ? links.Search(value) : null, DefangedText.Of(one.Kind, one.Value))
                .Markup("</code></td><td>").Text(one.Corollary ? "for correlation only" : one.Impact?.ToString() ?? "not rated")
                .Markup("</td><td>").Text(one.Role)
                .Markup("</td><td>").Text(one.Family ?? one.DeliveryMechanism)
                .Markup("</td><td>").Text(one.FileName).Markup("</td></tr>\n");
        }

        html.Markup("</tbody></table></div>\n");
        if (threat.Indicators.Count > IndicatorsShown)
        {
            html.Markup("<p class=\"soft\">And ").Text(PageText.Count(threat.Indicators.Count - IndicatorsShown, "more indicator")).Markup(". <code>Get-PhishMeIndicator</code> has all of them.</p>\n");
        }
    }
}
