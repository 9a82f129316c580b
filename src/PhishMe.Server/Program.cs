using PhishMe.Engine;
using PhishMe.Engine.Running;
using PhishMe.Server;

var version = typeof(EngineFactory).Assembly.GetName().Version?.ToString(3) ?? "0";
return await ServerCommand.RunAsync(args, new EngineSettings { Version = version }, Console.Error, Console.Out);
