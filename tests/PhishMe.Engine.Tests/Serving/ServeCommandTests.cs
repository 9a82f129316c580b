using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using PhishMe.Engine.Running;
using PhishMe.Engine.Tests.Running;
using PhishMe.Engine.Tests.Store;

namespace PhishMe.Engine.Tests.Serving;

/// <summary><c>phishme serve</c> as a process: it becomes the server, ends when it is stopped, and says what is wrong when it cannot start.</summary>
public sealed class ServeCommandTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_serves_until_it_is_told_to_stop()
    {
        using var store = new StoreFolder();
        _ = ServedFolder.Read(store, ServedFolder.BothServers, new EngineSettings());
        using var process = Process.Start(StartInfo("serve", "-conf", store.InFolder("config.ini")))!;
        try
        {
            const string Mark = "[feed_server] listens at ";
            var line = string.Empty;
            while (!line.Contains(Mark, StringComparison.Ordinal))
            {
                line = await process.StandardError.ReadLineAsync(Token) ?? throw new InvalidOperationException("It ended.");
            }

            using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
            using var answer = await client.GetAsync(new Uri(line[(line.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)..] + "healthz"), Token);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

            if (!OperatingSystem.IsWindows())
            {
                using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
                await kill.WaitForExitAsync(Token);
                await process.WaitForExitAsync(Token);
                Assert.Equal(0, process.ExitCode);
            }
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    [Fact]
    public async Task Without_a_section_in_use_it_says_which_there_are()
    {
        using var store = new StoreFolder();
        _ = ServedFolder.Read(store, string.Empty, new EngineSettings());

        var (exitCode, error) = await RunAsync("serve", "-conf", store.InFolder("config.ini"));

        Assert.Equal(10, exitCode);
        Assert.Contains("ConfigurationInvalid: Nothing is to be served. Set use = True in [feed_server] or [taxii_server].", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_is_taken_is_named()
    {
        await using var served = await ServedFolder.StartAsync();
        _ = ServedFolder.Read(served.Store, $"[feed_server]\nuse = True\nlisten = {served.Server.FeedAddress}\n", new EngineSettings());

        var (exitCode, error) = await RunAsync("serve", "-conf", served.Store.InFolder("config.ini"));

        Assert.Equal(14, exitCode);
        Assert.Contains($"ServerNotStarted: ", error, StringComparison.Ordinal);
        Assert.Contains($"{served.Server.FeedAddress!.Port}", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_server_is_not_installed_it_says_so()
    {
        using var folder = new StoreFolder();
        foreach (var file in Directory.GetFiles(AppContext.BaseDirectory).Where(file => !Path.GetFileName(file).StartsWith("phishme-server", StringComparison.Ordinal)))
        {
            if (Path.GetFileName(file) is var name && (name.StartsWith("phishme", StringComparison.Ordinal) || name.EndsWith(".dll", StringComparison.Ordinal)))
            {
                File.Copy(file, folder.InFolder(name));
            }
        }

        var (exitCode, _, error) = await new PhishMeProcess(folder.InFolder("phishme.dll")).RunAsync(string.Empty, "serve");

        Assert.Equal(1, exitCode);
        Assert.StartsWith("ServerNotFound: phishme-server is not beside phishme.", error, StringComparison.Ordinal);
    }

    /// <summary>A host of .NET programs finds it where this one runs from, wherever that is installed.</summary>
    private static ProcessStartInfo StartInfo(params string[] arguments)
    {
        var start = PhishMeProcess.Managed.StartInfo(arguments);
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        return start;
    }

    private static async Task<(int ExitCode, string Error)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(StartInfo(arguments))!;
        var error = process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, await error);
    }
}
