using System.Globalization;
using PhishMe.Engine.Serving.Measuring;
using PhishMe.Engine.Serving.Readers;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Serving.Pages;

/// <summary>The page that shows how an integration is doing; the same as a file that stands alone.</summary>
internal static class StatusPage
{
    private const int LettersShown = 50;
    private const int NamesShown = 10;

    /// <summary>After so long without a good run something is wrong: four runs of 15 minutes.</summary>
    private static readonly TimeSpan _stale = TimeSpan.FromHours(1);

    /// <summary>Writes it.</summary>
    /// <param name="status">How the integration is doing.</param>
    /// <param name="links">Where the page links to.</param>
    /// <param name="feeds">The addresses of the feed files that this server serves.</param>
    /// <param name="readers">What readers did since the server started.</param>
    public static string Of(IntegrationStatus status, PageLinks links, IReadOnlyList<string> feeds, IReadOnlyList<ReaderProgress> readers)
    {
        ArgumentNullException.ThrowIfNull(readers);
        ArgumentNullException.ThrowIfNull(status);
        ArgumentNullException.ThrowIfNull(feeds);
        return PageFrame.Around("Status", links, string.Empty, html =>
        {
            html.Markup("<h1>How the integration is doing</h1>\n");
            WriteSummary(html, status);
            WriteRuns(html, status);
            WriteDestinations(html, status);
            WriteLetters(html, status, links);
            if (links.IsServed)
            {
                ReaderTable.Write(html, readers);
            }

            if (status.Store is StoreStatistics store)
            {
                html.Markup("<h2>Threats and indicators by day</h2>\n");
                DayChart.Write(html, store, DateOnly.FromDateTime(status.TakenAt.UtcDateTime));
                html.Markup("<div class=\"columns\">\n");
                WriteNames(html, "Families", store.ByFamily, links);
                WriteNames(html, "Brands", store.ByBrand, links);
                WriteNames(html, "Impact of the indicators", store.ByImpact, PageLinks.None);
                html.Markup("</div>\n");
            }

            WriteFeeds(html, feeds, links);
            html.Markup("<footer>").Text(status.ConfigurationPath).Markup(", read ").Time(status.TakenAt).Markup(" UTC. All times are UTC.</footer>\n");
        });
    }

    private static void WriteSummary(HtmlText html, IntegrationStatus status)
    {
        html.Markup("<dl class=\"cards\">\n");
        Card("Position", status.PositionAge is TimeSpan age ? $"{PageText.Of(age)} old" : "no good run yet", status.PositionAge is TimeSpan old && old < _stale ? "good" : "bad");
        Card("Last run", status.Runs is [RunSummary last, ..] ? last.ExitCode.ToString() : "none", status.Runs is [RunSummary run, ..] && RunFigures.IsGood(run) ? "good" : "bad");
        Card("Destinations", Number(status.Destinations.Count(one => one.Section is not null)), string.Empty);
        var failing = status.Destinations.Count(one => one.LastError is not null);
        Card("Failing", Number(failing), failing == 0 ? "good" : "bad");
        Card("Waiting items", Number(status.Destinations.Sum(one => one.Waiting)), string.Empty);
        Card("Dead letters", Number(status.DeadLetters.Count), status.DeadLetters.Count == 0 ? "good" : "warn");
        if (status.Store is StoreStatistics store)
        {
            Card("Threats in the store", Number(store.Threats), string.Empty);
            Card("Their indicators", Number(store.Indicators), string.Empty);
        }
        else if (status.IsBeingCounted)
        {
            Card("Threats in the store", "being counted", string.Empty);
        }

        html.Markup("</dl>\n");

        static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

        void Card(string name, string value, string look) =>
            html.Markup("<div><dt>").Text(name).Markup($"</dt><dd class=\"{look}\">").Text(value).Markup("</dd></div>\n");
    }

    private static void WriteRuns(HtmlText html, IntegrationStatus status)
    {
        html.Markup("<h2>Last runs</h2>\n");
        if (status.Runs.Count == 0)
        {
            html.Markup("<p>No run has ended yet.</p>\n");
            return;
        }

        Table(html, "Last runs", "<th>Began</th><th>Result</th><th class=\"n\">Seconds</th><th class=\"n\">Received</th><th class=\"n\">Withdrawn</th><th class=\"n\">Requests</th><th class=\"n\">Warnings</th><th>Why not</th>");
        foreach (var run in status.Runs)
        {
            html.Markup("<tr><td>").Time(run.StartedAt).Markup($"</td><td class=\"{(RunFigures.IsGood(run) ? "good" : "bad")}\">").Text(run.ExitCode.ToString())
                .Markup("</td><td class=\"n\">").Number((long)(run.EndedAt - run.StartedAt).TotalSeconds)
                .Markup("</td><td class=\"n\">").Number(run.Received)
                .Markup("</td><td class=\"n\">").Number(run.Withdrawn)
                .Markup("</td><td class=\"n\">").Number(run.Requests)
                .Markup("</td><td class=\"n\">").Number(run.Warnings.Count)
                .Markup("</td><td>").Text(run.Fault?.Message).Markup("</td></tr>\n");
        }

        html.Markup("</tbody></table></div>\n");
    }

    private static void WriteDestinations(HtmlText html, IntegrationStatus status)
    {
        html.Markup("<h2>Destinations</h2>\n");
        if (status.Destinations.Count == 0)
        {
            html.Markup("<p>The configuration has no destination.</p>\n");
            return;
        }

        Table(html, "Destinations", "<th>Destination</th><th>State</th><th class=\"n\">Waiting</th><th>Last delivery</th><th>Last error</th>");
        foreach (var one in status.Destinations)
        {
            html.Markup("<tr><td>").Element("code", one.Id)
                .Markup($"</td><td class=\"{(one.IsCurrent ? "good" : "warn")}\">").Text(one.IsCurrent ? "up to date" : one.CatchingUp ?? "not up to date")
                .Markup("</td><td class=\"n\">").Number(one.Waiting)
                .Markup("</td><td>").Time(one.LastDeliveryAt)
                .Markup("</td><td>");
            if (one.LastError is string error)
            {
                html.Time(one.LastErrorAt).Markup(" <span class=\"bad\">").Text(error).Markup("</span>");
            }

            html.Markup("</td></tr>\n");
        }

        html.Markup("</tbody></table></div>\n");
    }

    private static void WriteLetters(HtmlText html, IntegrationStatus status, PageLinks links)
    {
        html.Markup("<h2>Dead letters</h2>\n");
        if (status.DeadLetters.Count == 0)
        {
            html.Markup("<p>Nothing is set aside.</p>\n");
            return;
        }

        Table(html, "Dead letters", "<th>What</th><th>Destination</th><th>Why</th><th class=\"n\">Attempts</th><th>First failed</th><th>Next attempt</th>");
        foreach (var letter in status.DeadLetters.TakeLast(LettersShown).Reverse())
        {
            html.Markup("<tr><td>").Link(letter.Id is ThreatId id ? links.Threat(id) : null, letter.Subject)
                .Markup("</td><td>").Text(letter.Destination)
                .Markup("</td><td>").Text(letter.Reason)
                .Markup("</td><td class=\"n\">").Number(letter.Attempts)
                .Markup("</td><td>").Time(letter.FirstFailedAt)
                .Markup("</td><td>").Time(letter.DueAt).Markup("</td></tr>\n");
        }

        html.Markup("</tbody></table></div>\n");
        if (status.DeadLetters.Count > LettersShown)
        {
            html.Markup("<p class=\"soft\">And ").Text(PageText.Count(status.DeadLetters.Count - LettersShown, "older one")).Markup(".</p>\n");
        }
    }

    private static void WriteNames(HtmlText html, string title, IReadOnlyList<NamedCount> names, PageLinks links)
    {
        html.Markup("<section><h2>").Text(title).Markup("</h2>\n");
        Table(html, title, "<th>Name</th><th class=\"n\">Count</th>");
        foreach (var name in names.Take(NamesShown))
        {
            html.Markup("<tr><td>").Link(links.Search(name.Name), name.Name).Markup("</td><td class=\"n\">").Number(name.Count).Markup("</td></tr>\n");
        }

        html.Markup("</tbody></table></div></section>\n");
    }

    private static void WriteFeeds(HtmlText html, IReadOnlyList<string> feeds, PageLinks links)
    {
        if (feeds.Count == 0)
        {
            return;
        }

        html.Markup("<h2>Feed files</h2>\n<ul>\n");
        foreach (var feed in feeds)
        {
            html.Markup("<li><code>").Link(links.IsServed ? feed : null, feed).Markup("</code></li>\n");
        }

        html.Markup("</ul>\n");
    }

    // Wide tables scroll by themselves on a phone; with the keyboard, too.
    internal static void Table(HtmlText html, string name, string head) =>
        html.Markup("<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"").Text(name).Markup($"\"><table><thead><tr>{head}</tr></thead><tbody>\n");
}
