using System.Text;
using PhishMe.Engine.Rendering;

namespace PhishMe.Engine.Tests.Rendering;

/// <summary>What a CEF event loses when it is too long: whole optional fields, never a part of a value.</summary>
public sealed class CefShorteningTests
{
    private const string Event =
        @"CEF:0|PhishMe|In\|telligence|1.0|x|Name|10|cat=a b=c \=d cs5=five x cs5Label=Five cs6=six\=6 and more cs6Label=Six dst=198.51.100.1";

    [Fact]
    public void An_event_that_fits_is_the_very_same() => Assert.Equal(Event, Shorten(Event.Length));

    [Fact]
    public void Cs6_goes_first_with_its_label() => Assert.Equal(
        @"CEF:0|PhishMe|In\|telligence|1.0|x|Name|10|cat=a b=c \=d cs5=five x cs5Label=Five dst=198.51.100.1", Shorten(Event.Length - 1));

    [Fact]
    public void Then_cs5() => Assert.Equal(@"CEF:0|PhishMe|In\|telligence|1.0|x|Name|10|cat=a b=c \=d dst=198.51.100.1", Shorten(80));

    [Fact]
    public void What_is_too_long_even_then_is_refused() => Assert.Null(Shorten(60));

    [Fact]
    public void What_is_not_CEF_is_not_touched() =>
        Assert.Null(CefShortening.Shorten(Encoding.UTF8.GetBytes("{\"a\":\"|||||||| cs6=1 cs5=2\"}"), 20));

    private static string? Shorten(int most) =>
        CefShortening.Shorten(Encoding.UTF8.GetBytes(Event), most) is ReadOnlyMemory<byte> line ? Encoding.UTF8.GetString(line.Span) : null;
}
