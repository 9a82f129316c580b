using System.CommandLine;
using System.Runtime.InteropServices;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Running;
using PhishMe.Intelligence;

namespace PhishMe.Server;

/// <summary>The command line of the server: serves until it is stopped.</summary>
internal static class ServerCommand
{
    /// <summary>Runs it.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="engine">What the composition decides.</param>
    /// <param name="log">Receives a line for each address and for each trouble.</param>
    /// <param name="output">Receives the help.</param>
    /// <returns>The exit code (<see cref="ExitCode"/>); 0 when it was stopped.</returns>
    public static async Task<int> RunAsync(string[] args, EngineSettings engine, TextWriter log, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(log);
        var file = new Option<string>("--config_file", "-conf", "--config-file")
        {
            Description = "Path of the configuration file.",
            DefaultValueFactory = _ => "config.ini",
        };
        var service = new Option<bool>("--service") { Description = "Run as a Windows service." };
        var root = new RootCommand("Serves feed files, TAXII 2.1 and a status page, as [feed_server] and [taxii_server] say, until it is stopped.") { file, service };
        root.SetAction(async (parsed, _) =>
        {
            var path = parsed.GetRequiredValue(file);
            return OperatingSystem.IsWindows() && parsed.GetValue(service)
                ? WindowsServiceHost.Run(stop => ServeAsync(path, engine, log, stop))
                : await ServeAsync(path, engine, log, CancellationToken.None);
        });
        var parsed = root.Parse(args);
        var exitCode = await parsed.InvokeAsync(new InvocationConfiguration
        {
            Output = output,
            Error = log,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        });
        return parsed.Errors.Count > 0 ? (int)ExitCode.Usage : exitCode;
    }

    private static async Task<int> ServeAsync(string configurationPath, EngineSettings engine, TextWriter log, CancellationToken stop)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        await using var stopping = stop.Register(() => stopped.TrySetResult());
        var diary = new Diary(TextWriter.Synchronized(log), engine.Clock);
        try
        {
            var reading = ConfigurationReader.Read(configurationPath, engine.Reading);
            var settings = reading.Settings ?? throw new PhishMeException(reading.Fault!.Kind, reading.Fault.Message, reading.Fault.Where);
            await using var server = await PhishMeServer.StartAsync(new ServedInstallation(engine, settings), diary, CancellationToken.None);
            await stopped.Task;
            return (int)ExitCode.Done;
        }
        catch (PhishMeException exception)
        {
            await log.WriteLineAsync($"{exception.Fault.Kind.Id}: {VisibleText.OfLines(exception.Fault.ToString())}");
            return (int)exception.Fault.Kind.ExitCode;
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stopped.TrySetResult();
        }
    }
}
