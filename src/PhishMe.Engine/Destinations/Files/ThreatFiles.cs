using System.Globalization;
using Microsoft.Win32.SafeHandles;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Files;
using PhishMe.Engine.Rendering;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Files;

/// <summary>
/// One file per threat. A batch is written to temporary names, flushed, and only then renamed: a reader sees the old file or the new one,
/// never a part.
/// </summary>
internal sealed class ThreatFiles : IDisposable
{
    /// <summary>Holds temporary files while a batch is written; on the same volume as the files, and empty between runs.</summary>
    public const string PartialFolder = ".phishme-partial";

    /// <summary>For threats that do not say when they were first published.</summary>
    private const string UndatedFolder = "undated";

    /// <summary>Folders that batches take in turn, so that one's files are made in another folder than those of its neighbours are renamed from: a folder takes one change at a time.</summary>
    private const int Lanes = 4;

    /// <summary>Files that one thread writes and flushes: many where their flushes become one, few where only other threads keep the disk busy meanwhile.</summary>
    private static readonly int FilesInARow = EarlyWriteback.IsSupported ? 50 : 12;

    private readonly string _folder;
    private readonly string _partial;
    private readonly bool _splitByDate;
    private readonly OutputLayout _layout;
    private readonly string _extension;
    private readonly TimeZoneInfo _zone;
    private readonly Action<string>? _step;
    private readonly HashSet<string> _madeFolders = new(StringComparer.Ordinal);
    private readonly FileWriterThreads _writing = new();
    private readonly PatientFiles _files;
    private readonly HeldThreatFiles _waiting;
    private readonly List<HeldFile> _held = [];

    /// <summary>Whatever an earlier run left behind has other names.</summary>
    private readonly string _run = Path.GetRandomFileName()[..8];
    private int _begun;

    public ThreatFiles(OutputSettings settings, TimeZoneInfo local, Action<string>? step, PatientFiles? files = null)
    {
        _files = files ?? PatientFiles.OfSystem();
        _folder = settings.Folder!;
        _partial = Path.Combine(_folder, PartialFolder);
        _waiting = new HeldThreatFiles(_folder, _partial, _files);
        _splitByDate = settings.SplitByDate;
        _layout = settings.Layout;
        _zone = settings.Layout == OutputLayout.Legacy ? local : TimeZoneInfo.Utc;
        _extension = FormatCatalogue.Of(settings.Form).Extension;
        _step = step;
    }

    /// <summary>
    /// Removes what a killed run left behind, but not the changes that wait for their files. A leftover that another program holds does no harm, because the
    /// names of every run are its own; a later run removes it.
    /// </summary>
    /// <returns>Why something stays; null when nothing does.</returns>
    public string? RemovePartial()
    {
        string? problem = null;
        if (Directory.Exists(_partial))
        {
            foreach (var entry in new DirectoryInfo(_partial).EnumerateFileSystemInfos().Where(entry => entry.Name != HeldThreatFiles.FolderName))
            {
                problem = RemoveLeftover(entry) ?? problem;
            }

            if (problem is null && !Directory.Exists(Path.Combine(_partial, HeldThreatFiles.FolderName)))
            {
                Directory.Delete(_partial);
            }

            _step?.Invoke("partial-removed");
        }

        return problem;
    }

    /// <summary>Makes the changes that earlier runs could not make, because other programs held the files.</summary>
    /// <returns>The relative paths of those that are made, and those that are still held.</returns>
    /// <exception cref="PhishMeException">A change failed for another reason.</exception>
    public (IReadOnlyList<string> Done, IReadOnlyList<HeldFile> Held) RetryHeld()
    {
        try
        {
            return _waiting.Retry();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(_folder, exception);
        }
    }

    /// <summary>The files of the batch that other programs held for too long; their changes wait for the next run. Asking empties the list.</summary>
    public IReadOnlyList<HeldFile> TakeHeld()
    {
        HeldFile[] held = [.. _held];
        _held.Clear();
        return held;
    }

    /// <summary>How a file is named to people: from the folder of the output, with slashes.</summary>
    public string RelativePathOf(string path) => _waiting.RelativePathOf(path);

    /// <summary>Begins to write the files of a batch under temporary names.</summary>
    /// <param name="contents">Threats, their first publication in epoch milliseconds, and what their files shall hold; empty for no file.</param>
    /// <returns>At once; its task reports a failure to write.</returns>
    public TemporaryFiles Begin(IEnumerable<(ThreatId Id, long? FirstPublished, ReadOnlyMemory<byte> Bytes)> contents)
    {
        var pending = new List<(string Temporary, string Final, ReadOnlyMemory<byte> Bytes)>();
        var paths = new Dictionary<ThreatId, string>();
        _begun++;
        var lane = Path.Combine(_partial, string.Create(CultureInfo.InvariantCulture, $"{_run}-{_begun % Lanes}"));
        foreach ((var id, var firstPublished, var bytes) in contents)
        {
            // By id in every layout, because the legacy names of both products may be the same; and by batch, because two may be under way.
            var temporary = Path.Combine(lane, string.Create(CultureInfo.InvariantCulture, $"{id}.{_begun}{_extension}"));
            if (!bytes.IsEmpty && paths.TryAdd(id, temporary))
            {
                pending.Add((temporary, PathOf(id, firstPublished), bytes));
            }
        }

        return new TemporaryFiles { Paths = paths, Written = WriteAsync(lane, pending) };
    }

    /// <summary>Replaces the files of these threats; an empty content means that the threat has no file in this format.</summary>
    /// <param name="contents">The threats, each with a temporary file or no content.</param>
    /// <param name="files">What was begun for them; a threat may be among those that is not wanted after all.</param>
    /// <exception cref="PhishMeException">A file cannot be written; finished ones stay, the next run writes them again.</exception>
    public async Task PlaceAsync(IReadOnlyList<ThreatFileContent> contents, TemporaryFiles files)
    {
        await files.Written.ConfigureAwait(false);
        await _writing.RunAsync(count: 1, part: 1, (_, _) => Place(contents, files.Paths)).ConfigureAwait(false);
    }

    /// <summary>Takes back the file of a threat.</summary>
    /// <param name="id">The threat.</param>
    /// <param name="firstPublished">Epoch milliseconds; null when unknown: then every date folder is looked into.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="PhishMeException">It cannot be removed.</exception>
    public bool Remove(ThreatId id, long? firstPublished)
    {
        try
        {
            var refused = new List<FileChange>();
            var removed = Delete(PathOf(id, firstPublished), refused);
            if (!removed && _splitByDate && Directory.Exists(_folder))
            {
                var name = Name(id);
                foreach (var folder in Directory.EnumerateDirectories(_folder))
                {
                    removed |= Delete(Path.Combine(folder, name), refused);
                }
            }

            WaitFor(refused);

            _step?.Invoke("file-removed");
            return removed;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PhishMeException(Faults.OutputFailed, $"The file of a withdrawn threat cannot be removed: {exception.Message}", PathOf(id, firstPublished), exception);
        }
    }

    public void Dispose() => _writing.Dispose();

    private Task WriteAsync(string lane, List<(string Temporary, string Final, ReadOnlyMemory<byte> Bytes)> pending)
    {
        if (pending.Count == 0)
        {
            return Task.CompletedTask;
        }

        try
        {
            Directory.CreateDirectory(lane);
            if (OperatingSystem.IsWindows())
            {
                File.SetAttributes(_partial, FileAttributes.Directory | FileAttributes.Hidden); // The dot alone hides nothing there.
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Task.FromException(Unwritable(pending[0].Final, exception));
        }

        _step?.Invoke("files-before-flush");
        return _writing.RunAsync(pending.Count, FilesInARow, (first, count) => WriteDurably(pending.GetRange(first, count)));
    }

    /// <summary>All are written before the first is flushed, see <see cref="EarlyWriteback"/>.</summary>
    private static void WriteDurably(List<(string Temporary, string Final, ReadOnlyMemory<byte> Bytes)> pending)
    {
        var written = new List<SafeFileHandle>(pending.Count);
        var current = pending[0].Final;
        try
        {
            foreach ((var temporary, var final, var bytes) in pending)
            {
                current = final;
                var handle = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None);
                written.Add(handle);
                RandomAccess.Write(handle, bytes.Span, 0);
                EarlyWriteback.Start(handle);
            }

            for (var i = 0; i < written.Count; i++)
            {
                current = pending[i].Final;
                RandomAccess.FlushToDisk(written[i]);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(current, exception);
        }
        finally
        {
            written.ForEach(handle => handle.Dispose());
        }
    }

    private void Place(IReadOnlyList<ThreatFileContent> contents, IReadOnlyDictionary<ThreatId, string> temporaries)
    {
        var current = _folder;
        var refused = new List<FileChange>();
        try
        {
            foreach (var content in contents)
            {
                var final = current = PathOf(content.Id, content.FirstPublished);
                if (content.IsEmpty)
                {
                    Delete(final, refused);
                    continue;
                }

                _step?.Invoke("file-before-rename");
                MakeFolder(Path.GetDirectoryName(final)!);
                Change(new FileChange(temporaries[content.Id], final), refused);
            }

            _step?.Invoke("files-after-rename");
            foreach (var content in contents)
            {
                RemoveMoved(content, refused);
            }

            current = _folder;
            WaitFor(refused);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(current, exception);
        }
    }

    private static PhishMeException Unwritable(string path, Exception cause) =>
        new(Faults.OutputFailed, $"The file of a threat cannot be written: {cause.Message}", path, cause);

    /// <summary>Tries once; what is refused because someone has the file open is tried again at the end of the batch, all together.</summary>
    private void Change(FileChange change, List<FileChange> refused)
    {
        if (_files.TryNow(change))
        {
            _waiting.Forget(change.To);
        }
        else
        {
            refused.Add(change);
        }
    }

    private void WaitFor(List<FileChange> refused)
    {
        if (refused.Count == 0)
        {
            return;
        }

        var held = _files.Apply(refused);
        foreach (var file in held)
        {
            _waiting.Keep(file.Change);
        }

        _held.AddRange(held);
        refused.Where(change => !held.Any(file => file.Change == change)).ToList().ForEach(change => _waiting.Forget(change.To));
    }

    private bool Delete(string path, List<FileChange> refused)
    {
        if (!File.Exists(path))
        {
            _waiting.Forget(path);
            return false;
        }

        Change(new FileChange(null, path), refused);
        return true;
    }

    private string? RemoveLeftover(FileSystemInfo entry)
    {
        string? problem = null;
        if (entry is DirectoryInfo { LinkTarget: null } folder)
        {
            foreach (var child in folder.EnumerateFileSystemInfos())
            {
                problem = RemoveLeftover(child) ?? problem;
            }
        }

        try
        {
            if (problem is null && entry is DirectoryInfo emptied)
            {
                emptied.Delete();
            }
            else if (entry is FileInfo file)
            {
                _files.Calls.Delete(file.FullName);
            }
        }
        catch (Exception exception) when (_files.Calls.IsHeld(exception))
        {
            problem = $"{entry.FullName} stays, because another program has it open: {exception.Message}";
        }

        return problem;
    }

    private void RemoveMoved(ThreatFileContent content, List<FileChange> refused)
    {
        if (_splitByDate && content.PreviousFirstPublished is { Known: true } previous && previous.Date != content.FirstPublished)
        {
            var old = PathOf(content.Id, previous.Date);
            if (old != PathOf(content.Id, content.FirstPublished))
            {
                Delete(old, refused);
            }
        }
    }

    private void MakeFolder(string folder)
    {
        if (_madeFolders.Add(folder))
        {
            Directory.CreateDirectory(folder);
        }
    }

    private string PathOf(ThreatId id, long? firstPublished) =>
        _splitByDate ? Path.Combine(_folder, DateFolder(firstPublished), Name(id)) : Path.Combine(_folder, Name(id));

    /// <summary>Made of digits only, whatever the API sends: a number and a product, never text of the answer.</summary>
    private string Name(ThreatId id) =>
        _layout == OutputLayout.Legacy ? string.Create(CultureInfo.InvariantCulture, $"{id.Number}{_extension}") : id + _extension;

    private string DateFolder(long? firstPublished)
    {
        if (firstPublished is not long milliseconds
            || milliseconds < DateTimeOffset.UnixEpoch.AddDays(1).ToUnixTimeMilliseconds()
            || milliseconds > DateTimeOffset.MaxValue.AddDays(-1).ToUnixTimeMilliseconds())
        {
            return UndatedFolder;
        }

        var date = TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), _zone);
        return date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }
}
