using System.Runtime.InteropServices;

namespace PhishMe.Engine.Files;

/// <summary>How much a folder's file system can still take from this account.</summary>
internal static partial class FreeSpace
{
    /// <summary>Bytes free in the file system of a folder, quotas included.</summary>
    /// <returns>Null when the system does not say.</returns>
    public static long? Of(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (OperatingSystem.IsWindows())
        {
            // A share has no drive letter, which is what DriveInfo wants.
            return GetDiskFreeSpaceEx(folder, out var available, out _, out _) ? (long)Math.Min(available, long.MaxValue) : null;
        }

        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    [LibraryImport("kernel32", EntryPoint = "GetDiskFreeSpaceExW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GetDiskFreeSpaceEx(string folder, out ulong available, out ulong total, out ulong free);
}
