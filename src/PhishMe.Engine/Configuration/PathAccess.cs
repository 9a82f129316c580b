using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using PhishMe.Engine.Files;

namespace PhishMe.Engine.Configuration;

/// <summary>Whether this account may write somewhere, told without leaving a trace: reading a configuration changes nothing on
/// disk.</summary>
internal static partial class PathAccess
{
    private const int MayExecute = 1;
    private const int MayWrite = 2;
    private const UnixFileMode AnyWrite = UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private const UnixFileMode AnyForOthers = (UnixFileMode)0b000_111_111;

    /// <summary>Whether a file may be made in a folder that exists.</summary>
    public static bool CanCreateIn(string folder)
    {
        if (!OperatingSystem.IsWindows())
        {
            return IsMarkedWritable(folder) && Access(folder, MayWrite | MayExecute) == 0;
        }

        using var handle = OpenFolder(Path.GetFullPath(folder));
        return !handle.IsInvalid;
    }

    /// <summary>Windows answers by opening the folder with the right to add a file; none is made.</summary>
    [SupportedOSPlatform("windows")]
    private static SafeFileHandle OpenFolder(string folder)
    {
        const uint AddFile = 0x2, ShareAll = 0x7, OpenExisting = 3, BackupSemantics = 0x0200_0000;
        return CreateFile(folder, AddFile, ShareAll, 0, OpenExisting, BackupSemantics, 0);
    }

    /// <summary>Whether a file that exists may be written.</summary>
    public static bool CanWrite(string file)
    {
        if (!OperatingSystem.IsWindows())
        {
            return IsMarkedWritable(file) && Access(file, MayWrite) == 0;
        }

        try
        {
            using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException)
        {
            return true; // in use by someone else, as a lock file or a log may be
        }
    }

    /// <summary>Says who else may read or write a file, and the command that ends it.</summary>
    /// <returns>Sentences for a message; null when no one else may.</returns>
    public static string? ExposureOf(string file)
    {
        if (OperatingSystem.IsWindows())
        {
            return FileAccessList.OthersWith(file) is { Count: > 0 } others
                ? $"{string.Join(", ", others)} may read or change it. As the account that runs the integration, run: {FileAccessList.Command(file)}"
                : null;
        }

        try
        {
            return (File.GetUnixFileMode(file) & AnyForOthers) != 0 ? $"Run: chmod 600 '{file}'" : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The bits do not bind root, but who takes all write bits away means read-only.</summary>
    private static bool IsMarkedWritable(string path)
    {
        try
        {
            return OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & AnyWrite) != 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LibraryImport("kernel32", EntryPoint = "CreateFileW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial SafeFileHandle CreateFile(string name, uint access, uint share, nint security, uint disposition, uint flags, nint template);

    [DllImport("libc", EntryPoint = "access")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Access([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int mode);
}
