using System.Diagnostics;

namespace PhishMe.Benchmarks;

/// <summary>A form in which phishme is installed: the native program, or the managed one that lies beside the benchmarks.</summary>
/// <param name="Name">For the tables.</param>
/// <param name="Path">The file to start.</param>
internal sealed record PhishMeProgram(string Name, string Path)
{
    public static PhishMeProgram Managed { get; } = new("managed", MeasuredProcess.Beside("phishme"));

    /// <summary>The server of the same form.</summary>
    public string ServerPath =>
        System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path)!, "phishme-server" + System.IO.Path.GetExtension(Path));

    /// <summary>Builds the native program as the README says.</summary>
    /// <param name="folder">Where it goes.</param>
    /// <param name="withServer">Whether the server is built, too.</param>
    /// <returns>Null, and a line about the reason, when this machine cannot build it.</returns>
    public static async Task<PhishMeProgram?> PublishNativeAsync(string folder, bool withServer)
    {
        Console.WriteLine("Building the native phishme ...");
        return await PublishAsync("PhishMe.Cli", folder) && (!withServer || await PublishAsync("PhishMe.Server", folder))
            ? new PhishMeProgram("native", System.IO.Path.Combine(folder, OperatingSystem.IsWindows() ? "phishme.exe" : "phishme"))
            : null;
    }

    private static async Task<bool> PublishAsync(string name, string folder)
    {
        var project = System.IO.Path.Combine(RepositoryRoot(), "src", name);
        var info = MeasuredProcess.Dotnet();
        foreach (var argument in (string[])["publish", project, "-c", "Release", "-p:Native=true", "-o", folder, "--nologo", "-v", "quiet"])
        {
            info.ArgumentList.Add(argument);
        }

        using var process = Process.Start(info)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            Console.WriteLine($"It cannot be built here, so what is measured is the managed one: {output.Trim().Split('\n')[0]}");
        }

        return process.ExitCode == 0;
    }

    public Task<Measured> SyncAsync(string configuration) => MeasuredProcess.RunAsync(Path, "sync", "-conf", configuration, "--json");

    /// <summary>A process that does nothing but start.</summary>
    public Task<Measured> EmptyAsync() => MeasuredProcess.RunAsync(Path, "--version");

    /// <summary>A run in which a destination fails.</summary>
    public Task<Measured> FailingSyncAsync(string configuration) => MeasuredProcess.RunToAsync(14, Path, "sync", "-conf", configuration, "--json");

    private static string RepositoryRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "PhishMe.PowerShell.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The benchmarks run from a checkout of the repository.");
    }
}
