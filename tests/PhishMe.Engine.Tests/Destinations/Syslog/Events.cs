using System.Globalization;
using System.Text;

namespace PhishMe.Engine.Tests.Destinations.Syslog;

/// <summary>Invented CEF events with what receivers like to change.</summary>
internal static class Events
{
    private static readonly string[] Oddities =
    [
        @"https://files.malware.example/get.php?id\=7&t\=a|b", "Köln Zürich Übermaß €", "日本語 😀 العربية", @"back\\slash \= \n \r",
        "tab\there", "blanks   and trailing   end", "quote \" ' ` $HOME %00 %s {} [] <14>", "\u2028\u2029\u0085 separators", "\u001b[31m bell\u0007",
        new string('x', 1_900),
    ];

    /// <summary>Makes events that differ, in an order that can be told.</summary>
    public static ReadOnlyMemory<byte>[] Make(int count) => [.. Enumerable.Range(0, count).Select(One)];

    private static ReadOnlyMemory<byte> One(int number) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"CEF:0|PhishMe|Intelligence|1.0|watchlist_url|Watchlist URL|10|cat=Major externalId={number} deviceCustomDate1=1750766401337 cs4={Oddities[number % Oddities.Length]}"));
}
