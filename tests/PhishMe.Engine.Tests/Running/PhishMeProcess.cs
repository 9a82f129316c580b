using System.Diagnostics;

namespace PhishMe.Engine.Tests.Running;

/// <summary><c>phishme</c> in a process of its own: the managed program beside the tests, or the native one that was published.</summary>
internal sealed record PhishMeProcess(string Path)
{
    /// <summary>Names the native phishme that the tests shall try; .ci/run publishes and names one where the machine can link it.</summary>
    public const string NativeVariable = "PHISHME_NATIVE";

    public static PhishMeProcess Managed { get; } = new(System.IO.Path.Combine(AppContext.BaseDirectory, "phishme.dll"));

    /// <summary>Skips the test when the program was not built.</summary>
    public static PhishMeProcess Native()
    {
        var path = Environment.GetEnvironmentVariable(NativeVariable);
        Assert.SkipWhen(string.IsNullOrEmpty(path), $"skipped: {NativeVariable} names no native phishme");
        return new PhishMeProcess(path!);
    }

    public ProcessStartInfo StartInfo(params IEnumerable<string> arguments) => new(IsManaged ? Dotnet : Path, IsManaged ? [Path, .. arguments] : arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };

    /// <param name="input">Standard input.</param>
    /// <param name="arguments">The command line.</param>
    public async Task<(int ExitCode, string Output, string Error)> RunAsync(string input, params string[] arguments)
    {
        using var process = Process.Start(StartInfo(arguments))!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }

    private static string Dotnet =>
        Environment.ProcessPath is { } path && System.IO.Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";

    private bool IsManaged => Path.EndsWith(".dll", StringComparison.Ordinal);
}
