using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace PhishMe.Engine.Files;

/// <summary>
/// Renames and deletes as POSIX does: the name changes at once, and who has the old file open and shares its deletion keeps reading it. .NET's own
/// File.Move is refused while the target is open at all. NTFS and ReFS of Windows 10 1809 and later know it (FILE_RENAME_INFORMATION, FILE_DISPOSITION_INFORMATION_EX).
/// </summary>
[SupportedOSPlatform("windows")]
internal static partial class WindowsFileCalls
{
    private const uint DeleteAccess = 0x0001_0000;
    private const uint ShareAll = 0x7;
    private const uint OpenExisting = 3;
    private const uint OpenReparsePoint = 0x0020_0000; // a link itself, not what it leads to
    private const uint BackupSemantics = 0x0200_0000;
    private const int RenameInfoEx = 22;
    private const int DispositionInfoEx = 21;
    private const uint ReplaceIfExists = 0x1;
    private const uint RenameAsPosix = 0x2;
    private const uint DeleteIt = 0x1;
    private const uint DeleteAsPosix = 0x2;

    /// <summary>Paths of this length need the prefix that takes the limit away.</summary>
    private const int LongPath = 240;

    /// <summary>Renames over what is there.</summary>
    /// <returns>False when the system or the file system does not know the call; nothing was changed.</returns>
    /// <exception cref="IOException">It was refused.</exception>
    /// <exception cref="UnauthorizedAccessException">It was refused.</exception>
    public static bool TryRename(string from, string to)
    {
        using var handle = Open(from);
        if (handle.IsInvalid)
        {
            throw Error(Marshal.GetLastPInvokeError(), from);
        }

        // FILE_RENAME_INFO: flags, root folder (a handle, aligned), length of the name in bytes, name.
        var name = Encoding.Unicode.GetBytes(Extended(to));
        var offset = (2 * IntPtr.Size) + sizeof(uint);
        var information = new byte[offset + name.Length + sizeof(char)];
        BinaryPrimitives.WriteUInt32LittleEndian(information, ReplaceIfExists | RenameAsPosix);
        BinaryPrimitives.WriteInt32LittleEndian(information.AsSpan(2 * IntPtr.Size), name.Length);
        name.CopyTo(information, offset);
        return Set(handle, RenameInfoEx, information, to);
    }

    /// <summary>Deletes.</summary>
    /// <returns>False when the system or the file system does not know the call; nothing was changed.</returns>
    /// <exception cref="IOException">It was refused.</exception>
    /// <exception cref="UnauthorizedAccessException">It was refused.</exception>
    public static bool TryDelete(string path)
    {
        const int FileNotFound = 2, PathNotFound = 3;
        using var handle = Open(path);
        if (handle.IsInvalid)
        {
            var error = Marshal.GetLastPInvokeError();
            return error is FileNotFound or PathNotFound ? true : throw Error(error, path);
        }

        var information = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(information, DeleteIt | DeleteAsPosix);
        return Set(handle, DispositionInfoEx, information, path);
    }

    private static SafeFileHandle Open(string path) =>
        CreateFile(Extended(path), DeleteAccess, ShareAll, 0, OpenExisting, OpenReparsePoint | BackupSemantics, 0);

    private static bool Set(SafeFileHandle handle, int kind, byte[] information, string path)
    {
        const int InvalidFunction = 1, NotSupported = 50, InvalidParameter = 87, NotImplemented = 120, InvalidLevel = 124;
        if (SetFileInformationByHandle(handle, kind, information, information.Length))
        {
            return true;
        }

        return Marshal.GetLastPInvokeError() switch
        {
            InvalidFunction or NotSupported or InvalidParameter or NotImplemented or InvalidLevel => false,
            var error => throw Error(error, path),
        };
    }

    private static Exception Error(int code, string path)
    {
        const int FileNotFound = 2, PathNotFound = 3, AccessDenied = 5;
        var message = $"{Marshal.GetPInvokeErrorMessage(code).TrimEnd()} : '{path}'";
        var result = unchecked((int)0x8007_0000) | code;
        return code switch
        {
            FileNotFound => new FileNotFoundException(message, path),
            PathNotFound => new DirectoryNotFoundException(message),
            AccessDenied => new UnauthorizedAccessException(message, new IOException(message, result)),
            _ => new IOException(message, result),
        };
    }

    private static string Extended(string path)
    {
        var full = Path.GetFullPath(path);
        return full.Length < LongPath || full.StartsWith(@"\\?\", StringComparison.Ordinal) || full.StartsWith(@"\\.\", StringComparison.Ordinal) ? full
            : full.StartsWith(@"\\", StringComparison.Ordinal) ? string.Concat(@"\\?\UNC\", full.AsSpan(2))
            : @"\\?\" + full;
    }

    [LibraryImport("kernel32", EntryPoint = "CreateFileW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial SafeFileHandle CreateFile(string name, uint access, uint share, nint security, uint disposition, uint flags, nint template);

    [LibraryImport("kernel32", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool SetFileInformationByHandle(SafeFileHandle file, int kind, byte[] information, int size);
}
