using PhishMe.Torture.Fuzzing;

namespace PhishMe.Engine.Tests.Reliability;

/// <summary>No input makes a reader throw what it does not document, take memory without measure or lose bytes. 240 000 inputs in the slow target.</summary>
public sealed class FuzzedReaders(ITestOutputHelper output)
{
    private const int InputsPerTarget = 900;

    [Fact]
    public async Task Readers_survive_mutated_samples()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var corpus = await FuzzCorpus.LoadAsync(SharedMaterial.Root is string root ? Path.Combine(root, "fixtures") : null);
        Assert.Empty(FuzzTarget.All.SelectMany(target => FuzzCampaign.Run(target, corpus[target.Sample], seed, InputsPerTarget)));
    }

    [Theory]
    [InlineData("search", """{"success":true,"data":{"page":{"total\ud800Pages":1},"threats":[]}}""")]
    [InlineData("search", """{"success":true,"data":{"threats":[{"id":1,"threatType":"\ud800"}]}}""")]
    [InlineData("search", """{"success":true,"data":{"threats":[{"id":1,"threatType":"MALWARE","label":"x",},{"id":2,"threatType":"MALWARE"},]}}""")]
    [InlineData("changelog", """{"success":true,"data":{"nextPosition":"\udc00"}}""")]
    [InlineData("changelog", """{"success":true,"data":{"nextPosition":"a","changelog":[{"threatId":"\ud800","threatType":"malware"}]}}""")]
    public void Text_that_is_no_Unicode_or_no_strict_JSON_is_a_bad_answer_and_no_surprise(string sample, string answer)
    {
        var target = FuzzTarget.All.Single(candidate => candidate.Sample == sample);
        Assert.Null(target.Feed(System.Text.Encoding.UTF8.GetBytes(answer)));
    }
}
