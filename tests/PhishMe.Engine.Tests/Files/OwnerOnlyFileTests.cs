using PhishMe.Engine.Files;

namespace PhishMe.Engine.Tests.Files;

/// <summary>Who else may read a file.</summary>
public sealed class OwnerOnlyFileTests
{
    private const string Me = "S-1-5-21-1-2-3-1001";
    private const int ReadAndExecute = 0x1200A9;
    private const int Modify = 0x1301BF;
    private const int ReadAttributes = 0x80;

    [Theory]
    [InlineData(FileMode.CreateNew)]
    [InlineData(FileMode.OpenOrCreate)]
    [InlineData(FileMode.Append)]
    [NotOnWindows("Modes are of other systems; the Windows smoke step reads the list.")]
    public void A_new_file_is_its_owners_alone(FileMode mode)
    {
        var folder = Directory.CreateTempSubdirectory("phishme-test-");
        try
        {
            var path = Path.Combine(folder.FullName, "a");
            OwnerOnlyFile.Open(path, new FileStreamOptions { Mode = mode, Access = FileAccess.Write }).Dispose();

#pragma warning disable CA1416 // Not reached on Windows.
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
#pragma warning restore CA1416
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Everyone_and_other_accounts_are_named()
    {
        AccessEntry[] list =
        [
            new("S-1-1-0", "Everyone", Modify, Allows: true),
            new("S-1-5-32-545", @"BUILTIN\Users", ReadAndExecute, Allows: true),
            new("S-1-5-21-1-2-3-1002", @"HOST\other", ReadAndExecute, Allows: true),
        ];

        Assert.Equal([@"BUILTIN\Users", "Everyone", @"HOST\other"], FileAccessList.Others(list, owner: Me, account: Me));
    }

    [Fact]
    public void The_owner_this_account_the_system_and_administrators_are_not()
    {
        AccessEntry[] list =
        [
            new(Me, "me", Modify, Allows: true),
            new("S-1-5-21-1-2-3-1003", "service", Modify, Allows: true),
            new("S-1-5-18", "SYSTEM", Modify, Allows: true),
            new("S-1-5-32-544", "Administrators", Modify, Allows: true),
            new("S-1-3-0", "CREATOR OWNER", Modify, Allows: true),
            new("S-1-1-0", "Everyone", Modify, Allows: false),
            new("S-1-5-11", "Authenticated Users", ReadAttributes, Allows: true),
        ];

        Assert.Empty(FileAccessList.Others(list, owner: Me, account: "S-1-5-21-1-2-3-1003"));
    }
}
