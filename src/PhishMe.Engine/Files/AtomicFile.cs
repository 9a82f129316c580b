namespace PhishMe.Engine.Files;

/// <summary>Writes small files as a whole: a reader sees the old file or the new one, and after a power failure one of them is there.</summary>
internal static class AtomicFile
{
    /// <summary>Writes a file that only its owner may read and write.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes its content.</param>
    /// <param name="overwrite">Whether an existing file is replaced; it is an <see cref="IOException"/> otherwise.</param>
    /// <param name="files">Renames it.</param>
    /// <exception cref="IOException">It cannot be written; the old file is there.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be written; the old file is there.</exception>
    public static void WriteOwnerOnly(string path, Action<Stream> write, bool overwrite, PatientFiles files) =>
        Write(path, OwnerOnlyFile.Open, write, overwrite, files);

    /// <summary>Writes, or replaces, a file that others may read as far as its folder and the account's defaults allow.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes its content.</param>
    /// <param name="files">Renames it.</param>
    /// <exception cref="IOException">It cannot be written; the old file is there.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be written; the old file is there.</exception>
    public static void Write(string path, Action<Stream> write, PatientFiles files) =>
        Write(path, static (file, options) => new FileStream(file, options), write, overwrite: true, files);

    private static void Write(string path, Func<string, FileStreamOptions, FileStream> open, Action<Stream> write, bool overwrite, PatientFiles files)
    {
        var full = Path.GetFullPath(path);
        var temporary = Path.Combine(Path.GetDirectoryName(full)!, $".{Path.GetFileName(full)}.{Guid.NewGuid():N}.partial");
        try
        {
            using (var stream = open(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None }))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            if (overwrite)
            {
                files.Rename(temporary, full);
            }
            else
            {
                File.Move(temporary, full, overwrite: false);
            }
        }
        catch
        {
            files.TryDelete(temporary);
            throw;
        }
    }
}
