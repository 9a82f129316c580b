using System.Diagnostics;
using System.Reflection;

namespace PhishMe.Benchmarks;

/// <summary>The staged module in a fresh pwsh, and what people write without it.</summary>
/// <param name="Pwsh">Path of pwsh.dll.</param>
/// <param name="Module">Folder of the staged module.</param>
internal sealed record PowerShellProgram(string Pwsh, string Module)
{
    /// <summary>The pwsh that was restored with this project.</summary>
    /// <returns>Null, and a line about the reason, when it is not there.</returns>
    public static async Task<PowerShellProgram?> StageAsync()
    {
        var pwsh = Metadata("Pwsh");
        if (!File.Exists(pwsh))
        {
            Console.WriteLine("pwsh was not restored, so the module is not measured.");
            return null;
        }

        var root = Metadata("RepositoryRoot");
        Console.WriteLine("Staging the module ...");
        var info = MeasuredProcess.Dotnet();
        string[] arguments = ["build", Path.Combine(root, "src", "PhishMe.PowerShell"), "-t:StageModule", "-c", "Release", "--nologo", "-v", "quiet"];
        foreach (var argument in arguments)
        {
            info.ArgumentList.Add(argument);
        }

        using var process = Process.Start(info)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? new PowerShellProgram(pwsh, Path.Combine(root, "out", "PhishMe", Metadata("ProductVersion")))
            : throw new InvalidOperationException($"The module cannot be staged: {output}");
    }

    /// <summary>A run of the module.</summary>
    public Task<Measured> SyncAsync(string configuration) => RunAsync("Module.ps1", Path.Combine(Module, "PhishMe.psd1"), configuration);

    /// <summary>A process that does nothing.</summary>
    public Task<Measured> EmptyAsync() => RunAsync("Module.ps1");

    /// <summary>The loop with <c>Invoke-RestMethod</c>: JSON, one file per threat.</summary>
    public Task<Measured> ScriptAsync(SimulatorProcess simulator, string folder) =>
        RunAsync("Script.ps1", simulator.BaseUrl, simulator.User, simulator.Password, folder);

    private Task<Measured> RunAsync(string script, params string[] arguments) => MeasuredProcess.RunAsync(
        Pwsh, ["-NoProfile", "-NonInteractive", "-File", Path.Combine(AppContext.BaseDirectory, "Scripts", script), .. arguments]);

    private static string Metadata(string key) => typeof(PowerShellProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == key).Value!;
}
