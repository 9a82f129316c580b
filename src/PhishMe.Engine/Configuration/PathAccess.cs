using System.Runtime.InteropServices;

namespace PhishMe.Engine.Configuration;

/// <summary>Whether this account may write somewhere, told without leaving a trace: reading a configuration changes nothing on
/// disk.</summary>
internal static class PathAccess
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

        // Windows answers only by trying: the file is gone when the handle is closed.
        try
        {
            var probe = Path.Combine(folder, $".{Guid.NewGuid():N}.phishme-probe");
            using var handle = File.OpenHandle(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.DeleteOnClose);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
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

    /// <summary>Whether accounts other than the owner's may read or write a file. Always false on Windows, where access lists answer
    /// that.</summary>
    public static bool IsOpenToOthers(string file)
    {
        if (OperatingSystem.IsWindows())
        {
            return false;
        }

        try
        {
            return (File.GetUnixFileMode(file) & AnyForOthers) != 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
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

    [DllImport("libc", EntryPoint = "access")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Access([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int mode);
}
