using PhishMe.Cli;
using PhishMe.Engine;
using PhishMe.Intelligence;

var factory = new EngineFactory();
var version = typeof(EngineFactory).Assembly.GetName().Version?.ToString(3) ?? "0";
var engine = factory.Create(new EngineOptions { Version = version, OwnsProcess = true });

StandardText.ShowInConsole();
using var output = OperatingSystem.IsWindows() && Console.IsOutputRedirected ? StandardText.Writer(Console.OpenStandardOutput()) : null;
using var error = OperatingSystem.IsWindows() && Console.IsErrorRedirected ? StandardText.Writer(Console.OpenStandardError()) : null;

// Not Console.In: it does not show that it is waiting.
using var input = StandardText.Reader(Console.OpenStandardInput());
return await PhishMeCommand.RunAsync(args, engine, output ?? Console.Out, error ?? Console.Error, input, isTerminal: !Console.IsOutputRedirected);
