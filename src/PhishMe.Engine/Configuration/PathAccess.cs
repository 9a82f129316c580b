using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using PhishMe.Engine.Files;

namespace PhishMe.Engine.Configuration;

/// <summary>Finds out, without leaving a trace, whether this account may write somewhere: reading a configuration changes nothing on
/// disk.</summary>
internal static partial class PathAccess
{
    private const int MayExecute = 1;
    private const int MayWrite = 2;

    // struct statx is the same on every Linux; struct stat of macOS is the same on both of its processors.
    private const int StatusLength = 512, ModeInStatX = 28, ModeInStat = 4, CurrentFolder = -100;
    private const uint WantsType = 1;
    private const int TypeBits = 0xF000, RegularFile = 0x8000, Folder = 0x4000;
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

    /// <summary>Whether a text is an absolute path of Windows: a drive with a separator, or a share.</summary>
    public static bool IsOfWindows(string path) =>
        path is [var drive, ':', '\\' or '/', ..] && char.IsAsciiLetter(drive) || path.StartsWith("\\\\", StringComparison.Ordinal);

    /// <summary>Whether something that exists is neither file nor folder: a pipe, a socket, a device. Looked at, never opened: a pipe could keep us waiting.</summary>
    public static bool IsSpecial(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return path.StartsWith("\\\\.\\", StringComparison.Ordinal);
        }

        try
        {
            return FileTypeOf(path) is not (0 or RegularFile or Folder);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            return false;
        }
    }

    /// <returns>The type bits of the mode; 0 when nothing is there.</returns>
    private static int FileTypeOf(string path)
    {
        Span<byte> status = stackalloc byte[StatusLength];
        if (OperatingSystem.IsMacOS())
        {
            return Stat(path, ref MemoryMarshal.GetReference(status)) == 0 ? BitConverter.ToUInt16(status[ModeInStat..]) & TypeBits : 0;
        }

        return OperatingSystem.IsLinux() && StatX(CurrentFolder, path, 0, WantsType, ref MemoryMarshal.GetReference(status)) == 0
            ? BitConverter.ToUInt16(status[ModeInStatX..]) & TypeBits
            : 0;
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

    [DllImport("libc", EntryPoint = "statx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int StatX(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, ref byte status);

    [DllImport("libc", EntryPoint = "stat")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Stat([MarshalAs(UnmanagedType.LPUTF8Str)] string path, ref byte status);
}
