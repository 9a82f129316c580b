using System.Text;
using System.Text.Json;
using PhishMe.Engine.Rendering;

namespace PhishMe.Engine.Tests.Rendering;

public sealed class JsonRenderingTests
{
    [Theory]
    [InlineData("{ \"a\" : [ 1 , 2.50 , -0.0e+5 ] ,\r\n\t\"b c\" : \" x \\\" , \\\\\" }", "{\"a\":[1,2.50,-0.0e+5],\"b c\":\" x \\\" , \\\\\"}")]
    [InlineData(" { } ", "{}")]
    [InlineData("[ \"\\u0022 \" , null ]\n", "[\"\\u0022 \",null]")]
    [InlineData("{\"ü\" :\"支 払\"}", "{\"ü\":\"支 払\"}")]
    public void Only_insignificant_white_space_is_taken_out(string json, string compact) =>
        Assert.Equal(compact, Encoding.UTF8.GetString(CompactJson.Of(Encoding.UTF8.GetBytes(json)).Span));

    [Fact]
    public void What_is_compact_already_is_returned_as_it_is()
    {
        ReadOnlyMemory<byte> json = Encoding.UTF8.GetBytes("{\"a\":\"b c\",\"d\":[1,{\"e\":\"\\\" \"}]}");

        Assert.True(json.Equals(CompactJson.Of(json)));
    }

    [Fact]
    public void Compact_threats_are_the_same_json_and_stay_as_they_are()
    {
        foreach ((var name, var threat) in Samples.All())
        {
            var compact = CompactJson.Of(threat.Json);
            using var before = JsonDocument.Parse(threat.Json);
            using var after = JsonDocument.Parse(compact);
            Assert.True(JsonElement.DeepEquals(before.RootElement, after.RootElement), name);
            Assert.False(compact.Span.Contains((byte)'\n'), name);
            Assert.True(compact.Equals(CompactJson.Of(compact)), name);
        }
    }

    [Fact]
    public void Damaged_json_does_no_harm()
    {
        var random = new Randomness();
        var json = Samples.Bytes("malware_a.json");
        for (var i = 0; i < 2000; i++)
        {
            var damaged = random.Damage(json[..random.Next(json.Length)]);
            Assert.True(CompactJson.Of(damaged).Length <= damaged.Length);
        }
    }

    [Fact]
    public void The_legacy_form_is_that_of_the_original()
    {
        const string json = """
            {"b": [], "a": {"z": {}, "\u00e4": "ä/\/\u007f\t\"\\", "Z": [1.50, 39.1620, true, null, "😀\ud83d"]}, "e\ud83d\ude00": 1, "e\ue000": 2, "b": [ {"x" : 1 } ]}
            """;
        const string expected = """
            {
                "a": {
                    "Z": [
                        1.50,
                        39.1620,
                        true,
                        null,
                        "\ud83d\ude00\ud83d"
                    ],
                    "z": {},
                    "\u00e4": "\u00e4//\u007f\t\"\\"
                },
                "b": [
                    {
                        "x": 1
                    }
                ],
                "e\ue000": 2,
                "e\ud83d\ude00": 1
            }
            """;

        Assert.Equal(expected.ReplaceLineEndings("\n"), Legacy(Encoding.UTF8.GetBytes(json)));
    }

    [Fact]
    public void The_legacy_form_is_ascii_and_the_same_json()
    {
        foreach ((var name, var threat) in Samples.All())
        {
            var text = Legacy(threat.Json);
            Assert.True(Ascii.IsValid(text), name);
            using var before = JsonDocument.Parse(threat.Json);
            using var after = JsonDocument.Parse(text);
            Assert.True(JsonElement.DeepEquals(before.RootElement, after.RootElement), name);
        }
    }

    private static string Legacy(ReadOnlyMemory<byte> json) => Samples.Text(output => LegacyJsonRenderer.Render(json, output));
}
