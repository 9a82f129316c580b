using PhishMe.Torture;
using PhishMe.Torture.Comparing;
using PhishMe.Torture.Kills;

return args switch
{
    [SelfKillingHost.Verb, .. var rest] => await SelfKillingHost.RunAsync(rest),
    [ProgramComparison.Verb, .. var rest] => await ProgramComparison.RunAsync(rest, Console.Out),
    _ => await Suite.RunAsync(args, Console.Out),
};
