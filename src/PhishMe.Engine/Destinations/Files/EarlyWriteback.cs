using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace PhishMe.Engine.Destinations.Files;

/// <summary>
/// Asks the system to start writing a file to the disk, without waiting for it. When many files are on their way, the first flush waits and the others
/// have nothing left to do: the file system commits its journal once, not once per file. This is only a hint: a file is durable after its flush.
/// </summary>
internal static partial class EarlyWriteback
{
    private const string Function = "sync_file_range";

    /// <summary>Whether the system can be asked: Linux only, and .NET has no call for it.</summary>
    public static bool IsSupported { get; } =
        OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), Function, out _);

    /// <summary>Starts with the whole file. A file system that cannot do it is no failure.</summary>
    public static void Start(SafeFileHandle file)
    {
        const uint Write = 2; // SYNC_FILE_RANGE_WRITE, sync_file_range(2)
        if (IsSupported)
        {
            _ = SyncFileRange(file, offset: 0, length: 0, Write);
        }
    }

    [LibraryImport("libc", EntryPoint = Function)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long length, uint flags);
}
