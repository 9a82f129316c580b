using System.Runtime.InteropServices;

namespace PhishMe.Engine.Configuration;

/// <summary>Owner and group of files, which the class library knows nothing of.</summary>
/// <remarks>Needed where root, or another member of the group, runs what belongs to someone else: a file renamed over the original would
/// change hands.</remarks>
internal static class FileOwner
{
    private const int CurrentFolder = -100;
    private const uint OwnerAndGroup = 0x8 | 0x10;
    private const int SizeOfStatx = 256;
    private const int OffsetOfMask = 0;
    private const int OffsetOfOwner = 20;
    private const int OffsetOfGroup = 24;

    /// <summary>Gives a file the owner and group of another, as far as this account may. Linux only; elsewhere nothing is
    /// changed.</summary>
    public static void Copy(string from, string to)
    {
        if (!OperatingSystem.IsLinux() || Of(from) is not { } wanted || Of(to) is not { } actual)
        {
            return;
        }

        // The group alone is often allowed where the owner is not. What is not allowed stays as it is: the mode is the same, and the write
        // matters more.
        if (actual != wanted && Chown(to, wanted.Owner, wanted.Group) != 0 && actual.Group != wanted.Group)
        {
            _ = Chown(to, uint.MaxValue, wanted.Group);
        }
    }

    /// <summary>Whether root owns a file or folder. False where the owner is not known: outside of Linux.</summary>
    public static bool IsRoot(string path) => OperatingSystem.IsLinux() && Of(path) is { Owner: 0 };

    private static (uint Owner, uint Group)? Of(string path)
    {
        try
        {
            var buffer = new byte[SizeOfStatx];
            var isKnown = Statx(CurrentFolder, path, 0, OwnerAndGroup, buffer) == 0
                && (BitConverter.ToUInt32(buffer, OffsetOfMask) & OwnerAndGroup) == OwnerAndGroup;
            return isKnown ? (BitConverter.ToUInt32(buffer, OffsetOfOwner), BitConverter.ToUInt32(buffer, OffsetOfGroup)) : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null; // a C library from before 2018
        }
    }

    [DllImport("libc", EntryPoint = "statx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, byte[] buffer);

    [DllImport("libc", EntryPoint = "chown")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Chown([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint owner, uint group);
}
