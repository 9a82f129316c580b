using System.Diagnostics;
using PhishMe.Intelligence;
using PhishMe.Torture;

namespace PhishMe.Engine.Tests.Reliability;

/// <summary>A real file system without room, mounted for the test: needs Linux and root, and is skipped elsewhere.</summary>
[NotOnWindows("Windows has no tmpfs to mount.")]
public sealed class FullDisks
{
    [Theory]
    [InlineData("append file", ExitCode.OutputFailed)]
    [InlineData("per-threat files", ExitCode.OutputFailed)]
    [InlineData("state file", ExitCode.OutputFailed)]
    [InlineData("config.ini", ExitCode.OutputFailed)]
    [InlineData("log", ExitCode.Done)]
    [InlineData("lock file", ExitCode.Done)]
    public async Task Nothing_is_lost_when_there_is_no_room_for_the(string what, ExitCode expected)
    {
        var token = TestContext.Current.CancellationToken;
        await using var script = await ThreatScript.StartAsync(31, 14, DateTimeOffset.UtcNow);
        using var disk = SmallDisk.Mount();
        using var installation = new TortureInstallation(what == "config.ini" ? disk.Folder : Directory.CreateTempSubdirectory("phishme-full-").FullName, script.Simulator, Options(what, disk, script));
        var first = await installation.RunUntilCurrentAsync(token);
        Assert.Equal(ExitCode.Done, first.ExitCode);
        script.Simulator.ChangelogPageSize = 1000;
        script.Simulator.Publish(8);
        script.Simulator.Republish(script.Ids()[0]);
        script.Simulator.Withdraw(script.Ids()[1]);

        disk.Fill();
        var full = await installation.RunAsync(cancellationToken: token);
        disk.MakeRoom();
        var healthy = await installation.RunUntilCurrentAsync(token);

        Assert.Equal((expected, ExitCode.Done), (full.ExitCode, healthy.ExitCode));
        if (what == "log")
        {
            Assert.Contains(full.Warnings, warning => warning.Contains("lines are missing", StringComparison.Ordinal));
        }

        var fresh = script.Ids();
        foreach (var id in fresh)
        {
            var path = Assert.Single(Directory.EnumerateFiles(JsonFolder(what, disk, installation), id + ".json", SearchOption.AllDirectories));
            Assert.Equal(script.Simulator.Json(id).ToArray(), File.ReadAllBytes(path));
        }

        Assert.Equal(fresh.Length, Directory.EnumerateFiles(JsonFolder(what, disk, installation), "*.json", SearchOption.AllDirectories).Count());
        var lines = File.ReadAllLines(what is "append file" ? Path.Combine(disk.Folder, "all.json") : Path.Combine(Away(what, disk, installation), "all.json"));
        Assert.Equal(lines.Length, lines.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(script.Simulator.CurrentPosition, installation.Position);
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(installation.Folder, "*", SearchOption.AllDirectories), path => path.Contains("partial", StringComparison.Ordinal));
    }

    private static string Away(string what, SmallDisk disk, TortureInstallation installation) => what == "config.ini" ? disk.Beside : installation.Folder;

    private static string JsonFolder(string what, SmallDisk disk, TortureInstallation installation) =>
        Path.Combine(what == "per-threat files" ? disk.Folder : Away(what, disk, installation), "json");

    private static InstallationOptions Options(string what, SmallDisk disk, ThreatScript script) => new()
    {
        InitialDate = script.InitialDate,
        Formats = ["json"],
        Edit = text => what switch
        {
            "append file" => text.Replace("append_file_location = ", $"append_file_location = {disk.Folder}/", StringComparison.Ordinal),
            "per-threat files" => text.Replace("multiple_file_location = ", $"multiple_file_location = {disk.Folder}/", StringComparison.Ordinal),
            "state file" => text + $"\n[local_sqlite]\ndb = {disk.Folder}/state.db\n",
            "log" => text + $"\n[local_log]\nlog_file = {disk.Folder}/sync.log\n",
            "lock file" => text + $"\n[local_file_lock]\nuse = True\nlock_file = {disk.Folder}/sync.lock\n",
            _ => text.Replace("_location = ", $"_location = {disk.Beside}/", StringComparison.Ordinal)
                + $"\n[local_sqlite]\ndb = {disk.Beside}/state.db\n\n[local_log]\nlog_file = {disk.Beside}/sync.log\n\n[local_file_lock]\nlock_file = {disk.Beside}/sync.lock\n",
        },
    };

    private sealed class SmallDisk : IDisposable
    {
        private SmallDisk(string folder, string beside)
        {
            Folder = folder;
            Beside = beside;
        }

        public string Folder { get; }

        /// <summary>A folder with plenty of room.</summary>
        public string Beside { get; }

        private string Ballast => Path.Combine(Folder, "ballast");

        public static SmallDisk Mount()
        {
            Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "skipped: mounting a small file system needs Linux and root");
            var folder = Directory.CreateTempSubdirectory("phishme-disk-").FullName;
            Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder) == 0, "skipped: no right to mount");
            return new SmallDisk(folder, Directory.CreateTempSubdirectory("phishme-beside-").FullName);
        }

        public void Fill()
        {
            using var file = File.Create(Ballast, 1);
            var block = new byte[4096];
            try
            {
                while (true)
                {
                    file.Write(block);
                }
            }
            catch (IOException)
            {
                // Full.
            }
        }

        public void MakeRoom() => File.Delete(Ballast);

        public void Dispose()
        {
            Run("umount", "-l", Folder);
            Directory.Delete(Folder);
            Directory.Delete(Beside, recursive: true);
        }

        private static int Run(string program, params string[] arguments)
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode;
        }
    }
}
