using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace PhishMe.Server.Feeds;

/// <summary>Remembers the hash of each file until the file changes, so that a poll without news reads nothing.</summary>
internal sealed class FileVersions
{
    /// <summary>
    /// Two writes may have the same time: file systems count it in steps of up to this length. A file that was hashed so soon after its time is hashed again.
    /// </summary>
    private static readonly TimeSpan _coarsestStep = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, (long Length, DateTime WrittenAt, string Hash)> _known = new(StringComparer.Ordinal);

    /// <summary>The version of an open file; it is at its start again afterwards.</summary>
    public async Task<FileVersion> OfAsync(string path, FileStream file, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(file);

        // Of the open file, not of the path: that may name a newer one by now.
        var (length, writtenAt) = (file.Length, File.GetLastWriteTimeUtc(file.SafeFileHandle));
        var at = new DateTimeOffset(writtenAt, TimeSpan.Zero);
        if (!_known.TryGetValue(path, out var known) || known.Length != length || known.WrittenAt != writtenAt)
        {
            known = (length, writtenAt, Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken)));
            file.Position = 0;
            if (now - at > _coarsestStep)
            {
                _known[path] = known;
            }
        }

        return new FileVersion(known.Hash, DateTimeOffset.FromUnixTimeSeconds((at > now ? now : at).ToUnixTimeSeconds()));
    }
}
