using System.Diagnostics;
using System.Reflection;
using System.Text.Json;

namespace PhishMe.Pester.Tests;

/// <summary>A file of the Pester suite, run in a pwsh of its own.</summary>
internal sealed class PesterFile(string path)
{
    // Several times what the slowest file takes on a busy machine: a file that hangs is reported, not waited for.
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(15);

    /// <summary>The files of the suite, the largest first, so that the last ones to run are short.</summary>
    public static IEnumerable<PesterFile> All() =>
        from file in new DirectoryInfo(Metadata("Suite")).EnumerateFiles(Wanted)
        orderby file.Length descending
        select new PesterFile(file.FullName);

    public string Name => Path.GetFileName(path);

    // PHISHME_PESTER='Export*' runs one file while it is being written.
    private static string Wanted => (Environment.GetEnvironmentVariable("PHISHME_PESTER") ?? "*") is var name && name.EndsWith(".Tests.ps1", StringComparison.Ordinal)
        ? name
        : name + ".Tests.ps1";

    /// <summary>Runs the file. A pwsh that ends without a result, or too late, is a failed test with what it wrote.</summary>
    public async Task<IReadOnlyList<PesterTest>> RunAsync(CancellationToken cancellationToken)
    {
        var result = Path.Combine(Path.GetTempPath(), $"pester-{Guid.NewGuid():N}.json");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_limit);
        using var pwsh = Start(result);
        pwsh.StandardInput.Close();
        try
        {
            var output = pwsh.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = pwsh.StandardError.ReadToEndAsync(limit.Token);
            await pwsh.WaitForExitAsync(limit.Token);
            var text = await output + await errors;
            IReadOnlyList<PesterTest> tests = File.Exists(result)
                ? JsonSerializer.Deserialize<List<PesterTest>>(await File.ReadAllBytesAsync(result, cancellationToken))!
                : [];
            var failed = tests.Any(test => test.Result == "Failed");
            return tests.Count > 0 && (pwsh.ExitCode != 0) == failed
                ? tests
                : [.. tests, new("the suite", "Failed", $"pwsh ended with exit code {pwsh.ExitCode} after {tests.Count} tests.\n{text}", 0)];
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return [new("the suite", "Failed", $"pwsh had not ended after {_limit.TotalMinutes} minutes.", _limit.TotalSeconds)];
        }
        finally
        {
            if (!pwsh.HasExited)
            {
                pwsh.Kill(entireProcessTree: true);
            }

            File.Delete(result);
        }
    }

    private Process Start(string result)
    {
        string[] arguments =
        [
            "exec", Metadata("Pwsh"), "-NoProfile", "-NonInteractive", "-File", Path.Combine(Metadata("Suite"), "Invoke-Suite.ps1"),
            "-Child", "-ModulePath", Metadata("StagedModule"), "-PesterPath", Metadata("Pester"), "-TestPath", path, "-ResultPath", result,
        ];
        return Process.Start(new ProcessStartInfo("dotnet", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["POWERSHELL_TELEMETRY_OPTOUT"] = "1", ["POWERSHELL_UPDATECHECK"] = "Off", ["NO_COLOR"] = "1" },
        })!;
    }

    private static string Metadata(string key) =>
        typeof(PesterFile).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
