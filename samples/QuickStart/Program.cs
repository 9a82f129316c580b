using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using PhishMe.Simulator;

// dotnet run --project samples/QuickStart
// Serves invented threats on loopback and runs Tour.ps1 against them, in a folder that is deleted afterwards.
// -- --tour FILE runs another script, -- --modules FOLDER takes the module from another place.
// -- --serve runs Serve.ps1 instead, and then the server until Ctrl+C; -- --serve --port N gives it other ports than 8443 and 8444.
var built = Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().ToDictionary(fact => fact.Key, fact => fact.Value!);
var serves = args.Contains("--serve");
string[] more = serves ? ["-Port", "8443"] : [];
if (serves)
{
    built["Tour"] = Path.Combine(Path.GetDirectoryName(built["Tour"])!, "Serve.ps1");
}

string[] pairs = [.. args.Where(word => word != "--serve")];
for (var i = 0; i + 1 < pairs.Length; i += 2)
{
    if (pairs[i] == "--port")
    {
        more = ["-Port", pairs[i + 1]];
    }
    else
    {
        built[pairs[i] == "--modules" ? "Modules" : "Tour"] = Path.GetFullPath(pairs[i + 1]);
    }
}

// Ctrl+C ends the tour, not this program: the folder has to be deleted.
using var stopping = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stopping.Cancel();
}

using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

// The same threats on each start, published over the last ten days.
var now = DateTimeOffset.UtcNow;
await using var api = await ThreatHqSimulator.StartAsync(
    new SimulatorOptions { Threats = 120, From = now.AddDays(-10), To = now.AddHours(-1) });
var folder = Directory.CreateTempSubdirectory("phishme-quickstart-");
try
{
    var start = new ProcessStartInfo("dotnet", ["exec", built["Pwsh"], "-NoProfile", "-NonInteractive", "-File", built["Tour"], "-Api", $"{api.BaseUri}", .. more])
    {
        WorkingDirectory = folder.FullName,
        Environment =
        {
            ["PHISHME_USER"] = api.User,
            ["PHISHME_PASS"] = api.Password,
            ["PSModulePath"] = built["Modules"],

            // What the module and PowerShell keep for a user goes into the folder, too.
            ["PHISHME_HOME"] = folder.CreateSubdirectory(".home").FullName,
            ["XDG_CACHE_HOME"] = folder.CreateSubdirectory(".cache").FullName,
            ["XDG_CONFIG_HOME"] = folder.CreateSubdirectory(".config").FullName,
            ["XDG_DATA_HOME"] = folder.CreateSubdirectory(".data").FullName,
            ["PSModuleAnalysisCachePath"] = Path.Combine(folder.FullName, ".cache", "analysis"),
            ["POWERSHELL_TELEMETRY_OPTOUT"] = "1",
            ["POWERSHELL_UPDATECHECK"] = "Off",
        },
    };
    if (OperatingSystem.IsLinux())
    {
        // Sockets of .NET, which stay when a process is killed. The folder of macOS is too long for the name of a socket below it.
        start.Environment["TMPDIR"] = folder.FullName;
    }

    if (Console.IsOutputRedirected)
    {
        start.Environment["NO_COLOR"] = "1";
    }

    var exitCode = await RunAsync(start, stopping.Token);
    if (exitCode != 0 || !serves)
    {
        return exitCode;
    }

    Console.WriteLine("\n# The server; its lines name the addresses. Open that of [feed_server] in a browser, poll <that of [taxii_server]>/taxii2/. Ctrl+C ends it.");
    start.ArgumentList.Clear();
    foreach (var word in (string[])["exec", built["Server"], "-conf", Path.Combine(folder.FullName, "config.ini")])
    {
        start.ArgumentList.Add(word);
    }

    return await RunAsync(start, stopping.Token);
}
finally
{
    folder.Delete(recursive: true);
}

static async Task<int> RunAsync(ProcessStartInfo start, CancellationToken stop)
{
    using var process = Process.Start(start)!;
    try
    {
        await process.WaitForExitAsync(stop);
        return process.ExitCode;
    }
    catch (OperationCanceledException)
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(CancellationToken.None);
        return 130;
    }
}
