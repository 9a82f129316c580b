using PhishMe.Engine.Serving.Readers;

namespace PhishMe.Engine.Serving.Pages;

/// <summary>Who reads what, and how far each has come. Names are what clients say.</summary>
internal static class ReaderTable
{
    /// <summary>Writes it.</summary>
    public static void Write(HtmlText html, IReadOnlyList<ReaderProgress> readers)
    {
        ArgumentNullException.ThrowIfNull(html);
        ArgumentNullException.ThrowIfNull(readers);
        html.Markup("<h2>Readers</h2>\n");
        if (readers.Count == 0)
        {
            html.Markup("<p>No reader has asked since the server started.</p>\n");
            return;
        }

        StatusPage.Table(html, "Readers", "<th>Collection or file</th><th>Last poll</th><th>State</th><th>Has read up to</th><th>User</th><th>Client</th>");
        foreach (var one in readers)
        {
            html.Markup("<tr><td>").Element("code", one.Key.Collection)
                .Markup("</td><td>").Time(one.PolledAt)
                .Markup($"</td><td class=\"{(one.IsAtEnd ? "good" : "warn")}\">").Text(one.IsAtEnd ? "had everything" : "has more to read")
                .Markup("</td><td>").Time(one.Reached)
                .Markup("</td><td>").Text(one.Key.User.Length > 0 ? one.Key.User : "–")
                .Markup("</td><td>").Text(one.Key.Client.Length > 0 ? one.Key.Client : "–")
                .Markup("</td></tr>\n");
        }

        html.Markup("</tbody></table></div>\n");
    }
}
