namespace PhishMe.Pester.Tests;

/// <summary>Every test of tests/Pester as a test of its own.</summary>
public sealed class PesterSuite
{
    // Half of a test is waiting for processes to start: two files at a time keep two processors busy.
    private const int FilesAtATime = 2;

    /// <summary>Runs the suite, once, and returns a row for each test in it.</summary>
    public static async Task<IReadOnlyCollection<TheoryDataRow<PesterTest>>> ResultsAsync()
    {
        var rows = new List<TheoryDataRow<PesterTest>>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = FilesAtATime, CancellationToken = TestContext.Current.CancellationToken };
        await Parallel.ForEachAsync(PesterFile.All(), options, async (file, cancellationToken) =>
        {
            var tests = await file.RunAsync(cancellationToken);
            lock (rows)
            {
                rows.AddRange(tests.Select(test => new TheoryDataRow<PesterTest>(test) { TestDisplayName = $"{file.Name}: {test.Name}", Label = "" }));
            }
        });
        return rows;
    }

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(ResultsAsync))]
    public void Pester(PesterTest test)
    {
        Assert.SkipWhen(test.Result is "Skipped" or "Inconclusive", test.Message is "" ? test.Result : test.Message);
        Assert.True(test.Result == "Passed", test.Message);
    }
}
