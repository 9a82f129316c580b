using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using PhishMe.Intelligence;

namespace PhishMe.Cli;

/// <summary>phishme-server, in the folder of this program.</summary>
internal static partial class ServerProgram
{
    private const string Name = "phishme-server";

    /// <summary>Runs it to its end. On Linux and macOS it takes the place of this process, so that signals and a supervisor reach it.</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="PhishMeException">It is not there (<see cref="Faults.ServerNotFound"/>), or does not start (<see cref="Faults.ServerNotStarted"/>).</exception>
    public static async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var path = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? $"{Name}.exe" : Name);
        if (!File.Exists(path))
        {
            throw new PhishMeException(Faults.ServerNotFound, $"{Name} is not beside phishme.", path);
        }

        if (!OperatingSystem.IsWindows())
        {
            Become(path, arguments);
        }

        try
        {
            using var process = Process.Start(new ProcessStartInfo(path, arguments) { UseShellExecute = false })!;

            // Ctrl+C and the end of the console reach every program of the console by themselves; this one only waits for the other.
            using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
            try
            {
                await process.WaitForExitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                await process.WaitForExitAsync(CancellationToken.None);
            }

            return process.ExitCode;
        }
        catch (Win32Exception exception)
        {
            throw NotStarted(path, exception.Message);
        }
    }

    private static void Become(string path, string[] arguments)
    {
        string?[] words = [path, .. arguments, null];
        Execute(path, words);

        // Only a failure comes back.
        throw NotStarted(path, Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()));
    }

    private static PhishMeException NotStarted(string path, string reason) => new(Faults.ServerNotStarted, $"{Name} does not start: {reason}", path);

    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Execute(string path, string?[] arguments);
}
