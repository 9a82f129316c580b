using System.Security.Cryptography;
using System.Text;

namespace PhishMe.Engine.Serving.Pages;

/// <summary>What all pages share: head, style and navigation. No script, no font, no picture: everything is in the one document.</summary>
internal static class PageFrame
{
    private const string Style = """
        :root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--back:#ffffff;--card:#f6f8fa;--link:#0550ae;--good:#116329;--bad:#a40e26;--warn:#7d4e00;--bar:#0969da;--line2:#bc4c00}
        @media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9da7b3;--line:#30363d;--back:#0d1117;--card:#161b22;--link:#6cb6ff;--good:#56d364;--bad:#ff7b72;--warn:#e3b341;--bar:#58a6ff;--line2:#f0883e}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--back);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
        a{color:var(--link)}a:focus-visible,input:focus-visible,button:focus-visible,summary:focus-visible,.wide:focus-visible{outline:3px solid var(--link);outline-offset:2px}
        .skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--back);padding:8px;z-index:1}
        header,main,footer{max-width:1100px;margin:0 auto;padding:12px 16px}
        header{display:flex;flex-wrap:wrap;gap:12px;align-items:center;justify-content:space-between;border-bottom:1px solid var(--line)}
        header p{margin:0;font-weight:600}
        form{display:flex;gap:8px;flex:1 1 260px;max-width:520px}
        input{flex:1;min-width:0;font:inherit;padding:6px 10px;border:1px solid var(--soft);border-radius:6px;background:var(--back);color:var(--ink)}
        button{font:inherit;padding:6px 14px;border:1px solid var(--soft);border-radius:6px;background:var(--card);color:var(--ink)}
        main,footer{overflow-wrap:anywhere}h1{font-size:1.5rem;margin:12px 0}h2{font-size:1.15rem;margin:28px 0 8px}
        .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;padding:0;margin:0}
        .cards div{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:10px 14px}
        .cards dt{color:var(--soft);font-size:.875rem}.cards dd{margin:0;font-size:1.25rem;font-weight:600;overflow-wrap:anywhere}
        .wide{overflow-x:auto}
        table{border-collapse:collapse;width:100%;font-size:.9375rem}
        th,td{text-align:left;vertical-align:top;padding:6px 10px 6px 0;border-bottom:1px solid var(--line)}
        td{min-width:7em}th{white-space:nowrap;color:var(--soft);font-weight:600}
        td.n,th.n{text-align:right;min-width:0;white-space:nowrap;padding-right:20px}
        code{font:.875rem ui-monospace,SFMono-Regular,Consolas,monospace}
        .good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}.soft{color:var(--soft)}
        .columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(240px,1fr));gap:0 32px}
        svg{display:block;width:100%;height:clamp(150px,24vw,240px)}
        .bar{fill:var(--bar)}.trend,.axis{fill:none;vector-effect:non-scaling-stroke}.trend{stroke:var(--line2);stroke-width:2}.axis{stroke:var(--line)}
        .legend,.ends{display:flex;flex-wrap:wrap;gap:4px 24px;margin:4px 0;color:var(--soft);font-size:.875rem}.ends{justify-content:space-between}
        .of-bar::before,.of-line::before{content:"";display:inline-block;width:.8em;height:.8em;margin-right:.5em;background:var(--bar)}.of-line::before{height:.2em;vertical-align:.25em;background:var(--line2)}
        footer{color:var(--soft);font-size:.875rem;border-top:1px solid var(--line);margin-top:32px}
        """;

    private static readonly string _style = Style.ReplaceLineEndings("\n");

    /// <summary>What the page needs of a browser: its own style, known by its hash, and a form that asks this server.</summary>
    public static string Policy { get; } =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(_style)))}'; base-uri 'none'; form-action 'self'";

    /// <summary>A whole document.</summary>
    /// <param name="title">What it is called.</param>
    /// <param name="links">Where it links to.</param>
    /// <param name="search">What stands in the search box.</param>
    /// <param name="body">Writes what is particular to it.</param>
    public static string Around(string title, PageLinks links, string search, Action<HtmlText> body)
    {
        ArgumentNullException.ThrowIfNull(links);
        ArgumentNullException.ThrowIfNull(body);
        var html = new HtmlText()
            .Markup("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .Markup("<meta name=\"robots\" content=\"noindex\">\n<meta name=\"referrer\" content=\"no-referrer\">\n");
        if (!links.IsServed)
        {
            // A file has no headers; of the server they say the same.
            html.Markup("<meta http-equiv=\"Content-Security-Policy\" content=\"").Text(Policy).Markup("\">\n");
        }

        html.Markup("<title>").Text(title).Markup($" – PhishMe</title>\n<style>{_style}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n<header>\n<p>")
            .Link(links.IsServed ? "/" : null, "PhishMe Intelligence").Markup("</p>\n");
        if (links.IsServed)
        {
            html.Markup("<form action=\"/search\" method=\"get\" role=\"search\"><input type=\"search\" name=\"q\" maxlength=\"500\" aria-label=\"Search the store\" placeholder=\"Domain, address, URL, hash, subject, family, m_123\" value=\"")
                .Text(search).Markup("\"><button>Search</button></form>\n");
        }

        html.Markup("</header>\n<main id=\"main\">\n");
        body(html);
        return html.Markup("</main>\n</body>\n</html>\n").ToString();
    }
}
