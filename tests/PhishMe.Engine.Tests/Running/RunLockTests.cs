using PhishMe.Engine.Running;

namespace PhishMe.Engine.Tests.Running;

public sealed class RunLockTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("phishme-lock-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "config.lock");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void TheFileIsThereWhileTheLockIsHeldAndGoneAfterwards()
    {
        using (var held = Take())
        {
            Assert.NotNull(held);
            Assert.True(File.Exists(Path));
            Assert.Null(Take());
        }

        Assert.Empty(Directory.EnumerateFiles(_folder));
        Take()!.Dispose();
    }

    [Fact]
    [NotOnWindows("On Windows an open file cannot be deleted and made again.")]
    public void WhoOpenedTheFileBeforeItWasDeletedDoesNotHoldTheLockOfTheRunThatCameAfter()
    {
        RunLock? other = null;
        var opened = 0;

        // Between opening and comparing, the run before ends and another one begins: both have an open file that was called config.lock.
        var late = RunLock.TryTake(Path, "late", DateTimeOffset.UnixEpoch, () =>
        {
            if (opened++ == 0)
            {
                File.Delete(Path);
                other = Take();
            }
        });

        Assert.NotNull(other);
        Assert.Null(late);
        other.Dispose();
        Assert.Equal(1, opened);
        Assert.Empty(Directory.EnumerateFiles(_folder));
    }

    [Fact]
    [NotOnWindows("On Windows an open file cannot be deleted.")]
    public void WhoOpenedTheFileBeforeItWasDeletedTakesANewOne()
    {
        var opened = 0;
        using var held = RunLock.TryTake(Path, "late", DateTimeOffset.UnixEpoch, () =>
        {
            if (opened++ == 0)
            {
                File.Delete(Path);
            }
        });

        Assert.NotNull(held);
        Assert.Equal(2, opened);
        Assert.Null(Take());
    }

    [Fact]
    [NotOnWindows("On Windows an open file cannot be deleted.")]
    public void ARunWhoseFileWasDeletedByHandLeavesTheFileOfTheNextRunAlone()
    {
        var first = Take()!;
        File.Delete(Path);
        using var second = Take();

        first.Dispose();

        Assert.NotNull(second);
        Assert.Null(Take());
    }

    [Fact]
    public async Task OfManyThatTakeAndReleaseItAtATimeOneHoldsIt()
    {
        var holders = 0;
        var taken = 0;
        await Parallel.ForAsync(0, 200, TestContext.Current.CancellationToken, (number, _) =>
        {
            using var held = RunLock.TryTake(Path, $"{number}", DateTimeOffset.UnixEpoch);
            if (held is not null)
            {
                Assert.Equal(1, Interlocked.Increment(ref holders));
                Interlocked.Increment(ref taken);
                Interlocked.Decrement(ref holders);
            }

            return ValueTask.CompletedTask;
        });

        Assert.InRange(taken, 1, 200);
        Assert.Empty(Directory.EnumerateFiles(_folder));
    }

    [Fact]
    [NotOnWindows("Links need a right of their own on Windows.")]
    public void ALockFileThatIsALinkIsHeldAtItsTarget()
    {
        var target = System.IO.Path.Combine(_folder, "target.lock");
        File.CreateSymbolicLink(Path, target);
        using (var held = Take())
        {
            Assert.NotNull(held);
            Assert.True(File.Exists(target));
            Assert.Null(Take());
        }

        Assert.False(File.Exists(target));
        Take()!.Dispose();
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    [NotOnWindows("Windows has access lists instead of modes.")]
    public void WhereNothingMayBeDeletedTheFileStaysEmptyAndTheNextRunTakesIt()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "skipped: root may delete everywhere");
        File.WriteAllText(Path, "");
        File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            Take()!.Dispose();
            Assert.Equal(0, new FileInfo(Path).Length);
            using var next = Take();
            Assert.Null(next!.LeftBy);
        }
        finally
        {
            File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private RunLock? Take() => RunLock.TryTake(Path, "0123456789ab", DateTimeOffset.UnixEpoch);
}
