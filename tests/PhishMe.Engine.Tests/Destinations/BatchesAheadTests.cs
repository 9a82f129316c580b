using PhishMe.Intelligence;
using PhishMe.Torture;

namespace PhishMe.Engine.Tests.Destinations;

/// <summary>A backfill has the files of the next page on their way to the disk while one page is committed, and nothing of that shows.</summary>
public sealed class BatchesAheadTests
{
    [Fact]
    public async Task The_files_of_the_next_page_are_begun_before_the_page_in_hand_is_committed()
    {
        await using var script = await ThreatScript.StartAsync(3, 14, DateTimeOffset.UtcNow);
        using var installation = new TortureInstallation(script.Simulator, Pages(script));
        using var secondBegun = new CountdownEvent(2);
        var overlapped = false;
        var committing = 0;

        var summary = await installation.RunAsync(
            step =>
            {
                if (step == "files-before-flush" && !secondBegun.IsSet)
                {
                    secondBegun.Signal();
                }
                else if (step == "state-before-commit" && Interlocked.Increment(ref committing) == 1)
                {
                    overlapped = secondBegun.Wait(TimeSpan.FromSeconds(60));
                }
            },
            cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(ExitCode.Done, summary.ExitCode);
        Assert.True(overlapped, "The second page waited for the commit of the first.");
        Assert.Equal([], Completeness.Of(installation));
        Assert.False(Directory.Exists(Path.Combine(installation.InFolder("json"), ".phishme-partial")));
    }

    [Fact]
    public async Task A_page_that_cannot_be_committed_leaves_no_file_of_the_page_begun_behind_it()
    {
        await using var script = await ThreatScript.StartAsync(3, 14, DateTimeOffset.UtcNow);
        using var installation = new TortureInstallation(script.Simulator, Pages(script));
        using var begun = new CountdownEvent(2);

        var failed = await installation.RunAsync(
            step =>
            {
                if (step == "files-before-flush" && !begun.IsSet)
                {
                    begun.Signal();
                }
                else if (step == "append-before-write")
                {
                    begun.Wait(TimeSpan.FromSeconds(60));
                    throw new IOException("No space left on device");
                }
            },
            cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(ExitCode.OutputFailed, failed.ExitCode);
        Assert.True(begun.IsSet);
        Assert.False(Directory.Exists(Path.Combine(installation.InFolder("json"), ".phishme-partial")));
        Assert.Equal(ExitCode.Done, (await installation.RunUntilCurrentAsync(TestContext.Current.CancellationToken)).ExitCode);
        Assert.Equal([], Completeness.Of(installation));
    }

    [Fact]
    public async Task A_page_that_cannot_be_committed_ends_the_run_while_the_server_still_holds_the_next()
    {
        await using var script = await ThreatScript.StartAsync(3, 14, DateTimeOffset.UtcNow);
        using var installation = new TortureInstallation(script.Simulator, Pages(script));
        using var gate = script.Simulator.Hold("search", skip: 1);

        var run = installation.RunAsync(
            step =>
            {
                if (step == "append-before-write")
                {
                    throw new IOException("No space left on device");
                }
            },
            cancellationToken: TestContext.Current.CancellationToken);

        // The gate stays closed: only a run that gives the request up comes to its end.
        Assert.Equal(ExitCode.OutputFailed, (await run.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).ExitCode);
    }

    private static InstallationOptions Pages(ThreatScript script) => new() { InitialDate = script.InitialDate, Formats = ["json"], ResultsPerPage = 10 };
}
