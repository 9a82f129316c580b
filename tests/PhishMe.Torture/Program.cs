using PhishMe.Torture;
using PhishMe.Torture.Kills;

return args is [SelfKillingHost.Verb, .. string[] rest] ? await SelfKillingHost.RunAsync(rest) : await Suite.RunAsync(args, Console.Out);
