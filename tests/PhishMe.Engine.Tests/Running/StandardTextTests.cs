using System.Text;
using PhishMe.Cli;

namespace PhishMe.Engine.Tests.Running;

/// <summary>Standard input is read as files are.</summary>
public sealed class StandardTextTests
{
    private const string Text = "bücher.example\nhttp://evil.example/ä?q=日本\n";

    public static TheoryData<string, byte[]> Inputs => new()
    {
        { "UTF-8", Encoding.UTF8.GetBytes(Text) },
        { "UTF-8 with a mark", [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Text)] },
        { "UTF-16", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(Text)] },
        { "UTF-16, big endian", [.. Encoding.BigEndianUnicode.Preamble, .. Encoding.BigEndianUnicode.GetBytes(Text)] },
        { "UTF-16 without a mark", Encoding.Unicode.GetBytes(Text) },
        { "UTF-16, big endian, without a mark", Encoding.BigEndianUnicode.GetBytes(Text) },
        { "UTF-32", [.. Encoding.UTF32.Preamble, .. Encoding.UTF32.GetBytes(Text)] },
    };

    [Theory]
    [MemberData(nameof(Inputs))]
    public async Task Whatever_it_is_in(string what, byte[] bytes)
    {
        using var reader = StandardText.Reader(new MemoryStream(bytes));

        Assert.True(Text == await reader.ReadToEndAsync(TestContext.Current.CancellationToken), what);
    }

    [Fact]
    public void What_is_written_is_UTF8_without_a_mark()
    {
        var stream = new MemoryStream();
        using (var writer = StandardText.Writer(stream))
        {
            writer.Write(Text);
        }

        Assert.Equal(Encoding.UTF8.GetBytes(Text), stream.ToArray());
    }
}
