using PhishMe.Cli;
using PhishMe.Engine;
using PhishMe.Intelligence;

var factory = new EngineFactory();
string version = typeof(EngineFactory).Assembly.GetName().Version?.ToString(3) ?? "0";
IIntelligenceEngine engine = factory.Create(new EngineOptions { Version = version });
return await PhishMeCommand.RunAsync(args, engine, Console.Out, Console.Error);
