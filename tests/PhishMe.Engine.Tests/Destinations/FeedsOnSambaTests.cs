using System.Diagnostics;
using System.Net;
using PhishMe.Engine.Tests.Destinations.Syslog;
using PhishMe.Engine.Tests.Running;
using PhishMe.Engine.Tests.Store;
using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Engine.Tests.Destinations;

/// <summary>
/// The folder that LogRhythm imports from, as a share of Samba: what a client of SMB finds there, when it takes and deletes what it finds, as the importer does.
/// </summary>
[NotOnWindows("Samba is a daemon of Unix.")]
public sealed class FeedsOnSambaTests : IAsyncLifetime
{
    private const string List = "phishme_intelligence_domainname_major.txt";

    private readonly string _folder = Directory.CreateTempSubdirectory("phishme-smb-").FullName;
    private readonly int _port = Receiver.FreePort(IPAddress.Loopback, datagram: false);
    private Process? _samba;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Share => Path.Combine(_folder, "list_import");

    private string ConfigurationFile => Path.Combine(_folder, "smb.conf");

    public async ValueTask InitializeAsync()
    {
        var program = Receiver.Find("smbd");
        Assert.SkipWhen(program is null || Receiver.Find("smbclient") is null, "skipped: samba or smbclient not installed");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "skipped: smbd wants root");
        foreach (var name in (string[])["lock", "state", "cache", "private", "pid", "rpc", "list_import"])
        {
            Directory.CreateDirectory(Path.Combine(_folder, name));
        }

        await File.WriteAllTextAsync(
            ConfigurationFile,
            $"""
            [global]
            server role = standalone server
            smb ports = {_port}
            interfaces = 127.0.0.1/8
            bind interfaces only = yes
            lock directory = {_folder}/lock
            state directory = {_folder}/state
            cache directory = {_folder}/cache
            private dir = {_folder}/private
            pid directory = {_folder}/pid
            ncalrpc dir = {_folder}/rpc
            log file = {_folder}/log
            passdb backend = tdbsam:{_folder}/private/passdb.tdb
            map to guest = Bad User
            guest account = {Environment.UserName}
            load printers = no
            printing = bsd
            disable spoolss = yes
            [list_import]
            path = {Share}
            guest ok = yes
            read only = no

            """,
            Stop);
        _samba = Process.Start(new ProcessStartInfo(program!, ["--foreground", "--no-process-group", $"--configfile={ConfigurationFile}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        while (await ClientAsync("ls") is null)
        {
            Assert.False(_samba.HasExited, "smbd ended.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_samba is not null)
        {
            _samba.Kill(entireProcessTree: true);
            await _samba.WaitForExitAsync(CancellationToken.None);
            _samba.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task An_importer_takes_each_list_once_and_whole()
    {
        await using var simulator = await ThreatHqSimulator.StartAsync(new SimulatorOptions(), Stop);
        Publish(simulator, 1, "a.example");
        using var installation = new Installation(simulator).Feed("logrhythm", "output_dir", "lr").Set("integration_logrhythm", "import_dir", Share).Save();
        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);

        Assert.Equal("a.example\n", await ClientAsync($"get {List} -"));
        Assert.DoesNotContain("partial", await ClientAsync("ls"), StringComparison.Ordinal);
        Assert.NotNull(await ClientAsync("del *.txt"));

        // Nothing changed: there is nothing to import.
        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);
        Assert.DoesNotContain(".txt", await ClientAsync("ls"), StringComparison.Ordinal);

        Publish(simulator, 2, "b.example");
        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);
        Assert.Equal("a.example\nb.example\n", await ClientAsync($"get {List} -"));

        simulator.Withdraw("m_1");
        Assert.Equal(ExitCode.Done, (await installation.RunAsync()).ExitCode);
        Assert.Equal("b.example\n", await ClientAsync($"get {List} -"));
    }

    private static void Publish(ThreatHqSimulator simulator, long id, string domain) =>
        simulator.Publish(ThreatBuilder.Malware(id, DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeMilliseconds()).Domain(domain));

    /// <returns>What the command writes to standard output; null when it failed.</returns>
    private async Task<string?> ClientAsync(string command)
    {
        using var client = Process.Start(new ProcessStartInfo(
            Receiver.Find("smbclient")!,
            ["//127.0.0.1/list_import", "--port", _port.ToString(System.Globalization.CultureInfo.InvariantCulture), "--no-pass", $"--configfile={ConfigurationFile}", "--command", command])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = client.StandardError.ReadToEndAsync(Stop);
        var output = await client.StandardOutput.ReadToEndAsync(Stop);
        await errors;
        await client.WaitForExitAsync(Stop);
        return client.ExitCode == 0 ? output : null;
    }
}
