using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;

namespace PhishMe.Engine.Files;

/// <summary>
/// Makes files that only their owner may read and write, from their first moment on: mode 600, and on Windows an access list of its own with the
/// account, SYSTEM and Administrators. A file that exists keeps what its owner gave it.
/// </summary>
internal static class OwnerOnlyFile
{
    private const UnixFileMode OwnerMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Opens a file as the options say, or makes it for its owner only.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">As for <see cref="FileStream"/>; the mode is one that may make a file.</param>
    /// <exception cref="IOException">As of <see cref="FileStream"/>.</exception>
    /// <exception cref="UnauthorizedAccessException">As of <see cref="FileStream"/>.</exception>
    public static FileStream Open(string path, FileStreamOptions options)
    {
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerMode;
            return new FileStream(path, options);
        }

        if (options.Mode == FileMode.CreateNew)
        {
            return Make(path, options.Access, options.Share, options.Options);
        }

        if (!File.Exists(path))
        {
            try
            {
                Make(path, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, FileOptions.None).Dispose();
            }
            catch (IOException) when (File.Exists(path))
            {
                // Someone else made it in between.
            }
        }

        return new FileStream(path, options);
    }

    [SupportedOSPlatform("windows")]
    private static FileStream Make(string path, FileAccess access, FileShare share, FileOptions options)
    {
        var rights = (access & FileAccess.Read) != 0 ? FileSystemRights.Read | FileSystemRights.Write : FileSystemRights.Write;
        return new FileInfo(path).Create(FileMode.CreateNew, rights, share, bufferSize: 1, options, ListOfOwner());
    }

    [SupportedOSPlatform("windows")]
    private static FileSecurity ListOfOwner()
    {
        var list = new FileSecurity();
        list.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        using var account = WindowsIdentity.GetCurrent();
        SecurityIdentifier?[] trusted =
        [
            account.User,
            new SecurityIdentifier(WellKnownSidType.LocalSystemSid, null),
            new SecurityIdentifier(WellKnownSidType.BuiltinAdministratorsSid, null),
        ];
        foreach (var who in trusted.OfType<SecurityIdentifier>().Distinct())
        {
            list.AddAccessRule(new FileSystemAccessRule(who, FileSystemRights.FullControl, AccessControlType.Allow));
        }

        return list;
    }
}
