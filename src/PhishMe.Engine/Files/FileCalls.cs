namespace PhishMe.Engine.Files;

/// <summary>The calls of the operating system.</summary>
internal sealed class FileCalls : IFileCalls
{
    // Win32 error codes, learn.microsoft.com/windows/win32/debug/system-error-codes.
    private const int AccessDenied = 5;
    private const int SharingViolation = 32;
    private const int LockViolation = 33;
    private const int DeletePending = 303;
    private const int UnableToRemoveReplaced = 1175;
    private const int UserMappedFile = 1224;

    private FileCalls()
    {
    }

    public static FileCalls OfSystem { get; } = new();

    public void Rename(string from, string to)
    {
        if (!OperatingSystem.IsWindows() || !WindowsFileCalls.TryRename(from, to))
        {
            File.Move(from, to, overwrite: true);
        }
    }

    public void Delete(string path)
    {
        if (!OperatingSystem.IsWindows() || !WindowsFileCalls.TryDelete(path))
        {
            File.Delete(path);
        }
    }

    public void Replace(string replacement, string target, string backup)
    {
        if (OperatingSystem.IsWindows())
        {
            File.Replace(replacement, target, backup); // keeps access list and attributes
        }
        else
        {
            File.Move(replacement, target, overwrite: true);
        }
    }

    /// <summary>Access denied, too: Windows says that of a file that is mapped, being deleted or open without shared deletion.</summary>
    public bool IsHeld(Exception error) => OperatingSystem.IsWindows()
        && error is IOException or UnauthorizedAccessException
        && (error.HResult & 0xFFFF) is AccessDenied or SharingViolation or LockViolation or DeletePending or UnableToRemoveReplaced or UserMappedFile;

    public IReadOnlyList<string> HoldersOf(string path) => OperatingSystem.IsWindows() ? RestartManager.HoldersOf(path) : [];
}
