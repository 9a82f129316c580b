using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;

namespace PhishMe.Engine.Files;

/// <summary>Who may read or change a file on Windows, besides the account that runs this, its owner, and the system.</summary>
internal static class FileAccessList
{
    /// <summary>FILE_READ_DATA, FILE_WRITE_DATA, FILE_APPEND_DATA, DELETE, WRITE_DAC, WRITE_OWNER, GENERIC_ALL, GENERIC_WRITE, GENERIC_READ.</summary>
    private const int ReadOrChange = unchecked((int)0xD00D_0007);

    /// <summary>Who is trusted on every Windows: SYSTEM, Administrators, TrustedInstaller, and the entries that stand for the owner.</summary>
    private static readonly HashSet<string> Trusted = new(StringComparer.OrdinalIgnoreCase)
    {
        "S-1-5-18", "S-1-5-32-544", "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464", "S-1-3-0", "S-1-3-4",
    };

    /// <summary>Reads the list of a file.</summary>
    /// <returns>Names of the accounts and groups that have access without needing it; empty when no one else has access, or the list cannot be read.</returns>
    [SupportedOSPlatform("windows")]
    public static IReadOnlyList<string> OthersWith(string path)
    {
        try
        {
            var list = new FileInfo(path).GetAccessControl(AccessControlSections.Access | AccessControlSections.Owner);
            using var account = WindowsIdentity.GetCurrent();
            var owner = list.GetOwner(typeof(SecurityIdentifier))?.Value;
            var entries = list.GetAccessRules(includeExplicit: true, includeInherited: true, typeof(SecurityIdentifier))
                .OfType<FileSystemAccessRule>()
                .Select(rule => new AccessEntry(
                    rule.IdentityReference.Value, NameOf(rule.IdentityReference), (int)rule.FileSystemRights, rule.AccessControlType == AccessControlType.Allow));
            return Others(entries, owner, account.User?.Value);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidOperationException or NotSupportedException)
        {
            return [];
        }
    }

    /// <summary>Who on a list has access to the file without needing it. What a list denies is not taken into account: it is there by mistake more often than not.</summary>
    /// <param name="entries">The list.</param>
    /// <param name="owner">The owner of the file.</param>
    /// <param name="account">The account that runs this.</param>
    public static IReadOnlyList<string> Others(IEnumerable<AccessEntry> entries, string? owner, string? account) =>
    [
        .. entries
            .Where(entry => entry.Allows && (entry.Rights & ReadOrChange) != 0 && !Trusted.Contains(entry.Account) && entry.Account != owner && entry.Account != account)
            .Select(entry => entry.Name)
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Order(StringComparer.OrdinalIgnoreCase),
    ];

    /// <summary>The command that takes a file away from all but this account, SYSTEM and Administrators.</summary>
    public static string Command(string path) =>
        $"icacls \"{path}\" /inheritance:r /grant:r \"{Environment.UserDomainName}\\{Environment.UserName}:F\" \"*S-1-5-18:F\" \"*S-1-5-32-544:F\"";

    [SupportedOSPlatform("windows")]
    private static string NameOf(IdentityReference identity)
    {
        try
        {
            return identity.Translate(typeof(NTAccount)).Value;
        }
        catch (Exception exception) when (exception is IdentityNotMappedException or SystemException)
        {
            return identity.Value;
        }
    }
}
