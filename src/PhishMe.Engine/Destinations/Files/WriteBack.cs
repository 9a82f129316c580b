using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace PhishMe.Engine.Destinations.Files;

/// <summary>
/// Asks the system to begin to write a file to the disk, without waiting. Of many files that are all on their way, the first flush waits and the others
/// find their work done: one commit of the file system's journal instead of one for each. Only a hint: durable is what was flushed afterwards.
/// </summary>
internal static partial class WriteBack
{
    private const string Function = "sync_file_range";

    /// <summary>Whether there is a way to ask; .NET has none, and systems but Linux neither.</summary>
    public static bool IsKnown { get; } =
        OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), Function, out _);

    /// <summary>Begins with the whole file. That a file system does not know how is no failure.</summary>
    public static void Begin(SafeFileHandle file)
    {
        const uint Write = 2; // SYNC_FILE_RANGE_WRITE, sync_file_range(2)
        if (IsKnown)
        {
            _ = SyncFileRange(file, offset: 0, length: 0, Write);
        }
    }

    [LibraryImport("libc", EntryPoint = Function)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long length, uint flags);
}
