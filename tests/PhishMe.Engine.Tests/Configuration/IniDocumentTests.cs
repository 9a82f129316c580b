using System.Text;
using PhishMe.Engine.Configuration.Ini;

namespace PhishMe.Engine.Tests.Configuration;

/// <summary>The dialect of Python 3's ConfigParser. The expected values were made with Python 3.11 (strict, no interpolation).</summary>
public sealed class IniDocumentTests
{
    [Theory]
    [InlineData("[a]\nx = 1", "1")]
    [InlineData("[a]\nx=1", "1")]
    [InlineData("[a]\nx : 1", "1")]
    [InlineData("[a]\nx: 1 = 2", "1 = 2")]
    [InlineData("[a]\nx = 1 : 2", "1 : 2")]
    [InlineData("[a]\nX = 1", "1")]
    [InlineData("[a]\nx =", "")]
    [InlineData("[a]\nx = 100% %(y)s", "100% %(y)s")]
    [InlineData("[a]\nx = b ; c", "b ; c")]
    [InlineData("[a]\nx = b # c", "b # c")]
    [InlineData("[a]\nx = \"b\"", "\"b\"")]
    [InlineData("[a]\nx\v=\v5", "5")]
    [InlineData("[a] ; a remark\nx = 1", "1")]
    [InlineData("  [a]\n    x = 1\n    y : 2\n  [b]\nz=3", "1")]
    [InlineData("[a]\n  x=1\n y=2\n  z=3", "1")]
    [InlineData("[a]\nx = 1\n# remark\n; remark\n", "1")]
    [InlineData("[a]\r\nx = 1\r\n", "1")]
    [InlineData("[a]\rx = 1\ry = 2\r", "1")]
    public void A_value_is_read_as_Python_reads_it(string text, string expected) =>
        Assert.Equal(expected, IniDocument.Parse(text).Find("a", "x")?.Value);

    [Theory]
    [InlineData("[a]\nx = 1\n\n  2\n # c\n  3\n\ny=2", "1\n\n2\n3")]
    [InlineData("[a]\nx=\n  v\n\n[b]\n", "\nv")]
    [InlineData("[a]\nx=1\n  #c\n  ;d\n  e\n", "1\ne")]
    [InlineData("[a]\nx=1\n\ty=2", "1\ny=2")]
    [InlineData("[a]\nx=1\n  [b]\n", "1\n[b]")]
    public void An_indented_line_continues_the_value(string text, string expected) =>
        Assert.Equal(expected, IniDocument.Parse(text).Find("a", "x")?.Value);

    [Fact]
    public void What_Python_strips_is_stripped() =>
        Assert.Equal("v", IniDocument.Parse("[a]\nk\u001F=\u00A0\u001C v\u2003\u001F\n").Find("a", "k")!.Value);

    [Fact]
    public void Section_names_are_case_sensitive_and_keys_are_not()
    {
        var document = IniDocument.Parse("[A]\nKey = 1\n[a]\nKEY = 2\n");

        Assert.Equal("1", document.Find("A", "key")?.Value);
        Assert.Equal("2", document.Find("a", "kEy")?.Value);
        Assert.Null(document.FindSection("B"));
        Assert.Empty(document.Problems);
    }

    [Fact]
    public void The_keys_of_DEFAULT_appear_in_every_section_that_exists()
    {
        var document = IniDocument.Parse("[DEFAULT]\nx = 1\n[DEFAULT]\ny = 2\n[a]\nx = 3\n[b]\n");

        Assert.Equal("3", document.Find("a", "x")?.Value);
        Assert.Equal("1", document.Find("b", "x")?.Value);
        Assert.Equal("2", document.Find("b", "y")?.Value);
        Assert.Null(document.Find("c", "x"));
        Assert.Equal(["a", "b"], document.Sections.Select(section => section.Name));
        Assert.Empty(document.Problems);
    }

    [Fact]
    public void Every_value_knows_its_lines()
    {
        var document = IniDocument.Parse("# head\n\n[a]\nx = 1\r\ny = 2\n  3\n\n# remark\nz = 4");

        Assert.Equal(3, document.FindSection("a")?.Line);
        Assert.Equal((4, 4), Lines("x"));
        Assert.Equal((5, 6), Lines("y"));
        Assert.Equal((9, 9), Lines("z"));

        (int, int) Lines(string key) => document.Find("a", key) is { } entry ? (entry.Line, entry.LastLine) : default;
    }

    [Fact]
    public void Where_Python_refuses_a_file_the_rest_is_read_and_the_problem_told()
    {
        var document = IniDocument.Parse("stray\n[a]\nx = 1\nno delimiter\nX = 2\n= 3\n[a]\ny = 4\n    [c]\n[]\n");

        Assert.Equal(
            [
                new IniProblem(IniProblemKind.BeforeFirstSection, 1, null, null, null),
                new IniProblem(IniProblemKind.NotUnderstood, 4, null, "a", null),
                new IniProblem(IniProblemKind.DuplicateKey, 5, 3, "a", "x"),
                new IniProblem(IniProblemKind.NotUnderstood, 6, null, "a", null),
                new IniProblem(IniProblemKind.DuplicateSection, 7, 2, "a", null),
                new IniProblem(IniProblemKind.IndentedSection, 9, 8, "a", "y"),
                new IniProblem(IniProblemKind.NotUnderstood, 10, null, "a", null),
            ],
            document.Problems);
        Assert.Equal("2", document.Find("a", "x")?.Value);
        Assert.Equal("4\n[c]", document.Find("a", "y")?.Value);
    }

    [Theory]
    [InlineData("[a]\nx = äöü – 日本\n", true)]
    [InlineData("[a]\nx = äöü – 日本\n", false)]
    [InlineData("", true)]
    public void Text_comes_out_as_the_bytes_that_went_in(string text, bool hasMark)
    {
        byte[] bytes = [.. hasMark ? Encoding.UTF8.GetPreamble() : [], .. Encoding.UTF8.GetBytes(text)];

        var decoded = IniText.Decode(bytes);

        Assert.Equal(text, decoded.Text);
        Assert.Null(decoded.FirstLineNotUtf8);
        Assert.Equal(bytes, decoded.Encode(decoded.Text));
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_kept_one_to_one()
    {
        byte[] bytes = [.. "# ok: ä\r\n[a]\nx = M"u8, 0xFC, .. "ller\n"u8];

        var decoded = IniText.Decode(bytes);

        Assert.Equal(3, decoded.FirstLineNotUtf8);
        Assert.Equal("Müller", IniDocument.Parse(decoded.Text).Find("a", "x")?.Value);
        Assert.Equal(bytes, decoded.Encode(decoded.Text));
    }

    [Fact]
    public void Wide_encodings_are_recognised()
    {
        Assert.True(IniText.Decode([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("[a]\n")]).IsWide);
        Assert.True(IniText.Decode(Encoding.BigEndianUnicode.GetBytes("[a]\n")).IsWide);
        Assert.True(IniText.Decode(Encoding.UTF32.GetBytes("[a]\n")).IsWide);
        Assert.False(IniText.Decode("[a]\n"u8).IsWide);
    }
}
