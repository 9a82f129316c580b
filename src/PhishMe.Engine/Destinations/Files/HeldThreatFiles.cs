using PhishMe.Engine.Files;

namespace PhishMe.Engine.Destinations.Files;

/// <summary>
/// Changes of per-threat files that another program kept from being made. They wait on the disk, beside the temporary files: a file with content
/// replaces the one of its relative path, an empty one stands for a deletion. Every run makes up for them first.
/// </summary>
/// <param name="folder">The folder of the per-threat files.</param>
/// <param name="partial">The folder of the temporary files.</param>
/// <param name="files">Renames and deletes.</param>
internal sealed class HeldThreatFiles(string folder, string partial, PatientFiles files)
{
    /// <summary>In the folder of temporary files; what is in it outlives the run.</summary>
    public const string FolderName = "held";

    private readonly string _waiting = Path.Combine(partial, FolderName);
    private bool? _exists;

    private bool Exists => _exists ??= Directory.Exists(_waiting);

    /// <summary>Keeps a change for the next run. An earlier one of the same file is forgotten.</summary>
    public void Keep(FileChange change)
    {
        var waiting = PathOf(change.To);
        Directory.CreateDirectory(Path.GetDirectoryName(waiting)!);
        _exists = true;
        if (change.From is { } from)
        {
            files.Calls.Rename(from, waiting);
        }
        else
        {
            File.WriteAllBytes(waiting, []);
        }
    }

    /// <summary>A newer change of this file was made: what waits for it is out of date.</summary>
    public void Forget(string path)
    {
        if (Exists)
        {
            files.TryDelete(PathOf(path));
        }
    }

    /// <summary>Makes the changes that wait.</summary>
    /// <returns>The relative paths that are as they should be now, and those that are still held.</returns>
    /// <exception cref="IOException">A change failed for another reason.</exception>
    /// <exception cref="UnauthorizedAccessException">A change failed for another reason.</exception>
    public (IReadOnlyList<string> Done, IReadOnlyList<HeldFile> Held) Retry()
    {
        if (!Exists)
        {
            return ([], []);
        }

        var changes = Directory.EnumerateFiles(_waiting, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(ChangeOf).ToList();
        changes.ForEach(change => Directory.CreateDirectory(Path.GetDirectoryName(change.To)!));
        var held = files.Apply(changes);
        var stuck = held.Select(file => file.Change.To).ToHashSet(StringComparer.Ordinal);
        var done = changes.Where(change => !stuck.Contains(change.To)).Select(change => change.To).ToList();
        done.ForEach(Forget);
        if (held.Count == 0)
        {
            Directory.Delete(_waiting, recursive: true);
            _exists = false;
        }

        return ([.. done.Select(RelativePathOf)], held);
    }

    /// <summary>How a file is named to people: from the folder of the output, with slashes.</summary>
    public string RelativePathOf(string path) => Path.GetRelativePath(folder, path).Replace('\\', '/');

    private FileChange ChangeOf(string waiting) =>
        new(new FileInfo(waiting).Length > 0 ? waiting : null, Path.Combine(folder, Path.GetRelativePath(_waiting, waiting)));

    private string PathOf(string path) => Path.Combine(_waiting, Path.GetRelativePath(folder, path));
}
