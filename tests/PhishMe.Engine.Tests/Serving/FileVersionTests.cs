using PhishMe.Server.Feeds;

namespace PhishMe.Engine.Tests.Serving;

/// <summary>The hash of a feed file is remembered until the file is another one, and a firewall must not keep an old list because the new one is as long.</summary>
public sealed class FileVersionTests : IDisposable
{
    private static readonly DateTimeOffset _written = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("phishme-versions-").FullName;
    private readonly FileVersions _versions = new();

    private string FilePath => Path.Combine(_folder, "domain.txt");

    [Fact]
    public async Task A_file_of_the_same_length_with_another_time_is_a_new_version()
    {
        var first = await ReplaceAsync("a.example\n", _written, readAfter: TimeSpan.FromMinutes(1));
        var second = await ReplaceAsync("b.example\n", _written.AddMilliseconds(10), readAfter: TimeSpan.FromMinutes(1));

        Assert.NotEqual(first.Hash, second.Hash);
    }

    /// <summary>A file system may give two writes the same time when they follow closely.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1500)]
    [InlineData(-5000)]
    public async Task A_file_of_the_same_length_and_time_is_a_new_version_when_it_was_read_so_soon(int milliseconds)
    {
        var first = await ReplaceAsync("a.example\n", _written, readAfter: TimeSpan.FromMilliseconds(milliseconds));
        var second = await ReplaceAsync("b.example\n", _written, readAfter: TimeSpan.FromMinutes(1));

        Assert.NotEqual(first.Hash, second.Hash);
        Assert.Equal(second, await ReplaceAsync("b.example\n", _written, readAfter: TimeSpan.FromMinutes(2)));
    }

    [Fact]
    public async Task A_file_that_stays_is_hashed_once()
    {
        var first = await ReplaceAsync("a.example\n", _written, readAfter: TimeSpan.FromMinutes(1));
        await using var file = File.OpenRead(FilePath);
        file.Position = 3;

        var second = await _versions.OfAsync(FilePath, file, _written.AddMinutes(2), TestContext.Current.CancellationToken);

        // Hashing would have begun where the file stands, and gone back to its start.
        Assert.Equal((first.Hash, 3), (second.Hash, file.Position));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<FileVersion> ReplaceAsync(string content, DateTimeOffset writtenAt, TimeSpan readAfter)
    {
        var next = FilePath + ".next";
        await File.WriteAllTextAsync(next, content, TestContext.Current.CancellationToken);
        File.SetLastWriteTimeUtc(next, writtenAt.UtcDateTime);
        File.Move(next, FilePath, overwrite: true);
        await using var file = File.OpenRead(FilePath);
        return await _versions.OfAsync(FilePath, file, writtenAt + readAfter, TestContext.Current.CancellationToken);
    }
}
