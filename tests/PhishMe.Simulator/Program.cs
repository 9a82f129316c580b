using System.Globalization;
using System.Runtime.InteropServices;
using PhishMe.Simulator;

if (args is ["--help" or "-h", ..])
{
    Console.WriteLine(CommandLine.Usage);
    return 0;
}

SimulatorOptions options;
try
{
    options = CommandLine.Parse(args);
}
catch (FormatException problem)
{
    Console.Error.WriteLine(problem.Message);
    Console.Error.WriteLine();
    Console.Error.WriteLine(CommandLine.Usage);
    return 2;
}

var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stopped.TrySetResult();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
ThreatHqSimulator simulator;
try
{
    simulator = await ThreatHqSimulator.StartAsync(options);
}
catch (IOException problem)
{
    // The port is taken, or the folder cannot be read.
    Console.Error.WriteLine(problem.Message);
    return 1;
}

await using var running = simulator;

// One fact a line, so that a script can read them.
Console.WriteLine($"base_url = {simulator.BaseUri.AbsoluteUri}");
Console.WriteLine($"user = {simulator.User}");
Console.WriteLine($"pass = {simulator.Password}");
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"threats = {simulator.Threats.Count}"));
Console.WriteLine("Ctrl+C stops it.");
await stopped.Task;
return 0;
