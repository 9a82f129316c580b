using PhishMe.Cli;
using PhishMe.Engine;
using PhishMe.Intelligence;

var factory = new EngineFactory();
var version = typeof(EngineFactory).Assembly.GetName().Version?.ToString(3) ?? "0";
var engine = factory.Create(new EngineOptions { Version = version });

// Not Console.In: it does not show that it is waiting.
using var input = new StreamReader(Console.OpenStandardInput(), Console.InputEncoding, detectEncodingFromByteOrderMarks: true, bufferSize: 32 * 1024);
return await PhishMeCommand.RunAsync(args, engine, Console.Out, Console.Error, input, isTerminal: !Console.IsOutputRedirected);
