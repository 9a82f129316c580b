using PhishMe.Engine.Files;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Storage.Sqlite;

/// <summary>The file before SQLite opens it.</summary>
internal static class StateFilePreparation
{
    /// <summary>
    /// Makes a file that is missing, for its owner only, and waits for a program that keeps one that exists from being written, such as a backup. SQLite
    /// would open it read-only and fail at the first write ("attempt to write a readonly database").
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="files">Waits.</param>
    /// <exception cref="PhishMeException">It cannot be made, or cannot be written.</exception>
    public static void Prepare(string path, PatientFiles files)
    {
        var isNew = !File.Exists(path);
        try
        {
            files.Do(path, () =>
            {
                OwnerOnlyFile.Open(path, new FileStreamOptions
                {
                    Mode = FileMode.OpenOrCreate,
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.ReadWrite | FileShare.Delete,
                    BufferSize = 0,
                }).Dispose();
                return true;
            });
        }
        catch (HeldFileException exception)
        {
            throw new PhishMeException(
                Faults.StateUnavailable, $"Another program has the state file open and lets no one else write it: {exception.Message}", path, exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PhishMeException(
                Faults.StateUnavailable, $"The state file cannot be {(isNew ? "made" : "opened")}: {exception.Message}", path, exception);
        }
    }
}
