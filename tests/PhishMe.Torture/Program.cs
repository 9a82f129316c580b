using PhishMe.Torture;
using PhishMe.Torture.Comparing;
using PhishMe.Torture.Hosts;
using PhishMe.Torture.Kills;

return args switch
{
    [SelfKillingHost.Verb, .. var rest] => await SelfKillingHost.RunAsync(rest),
    [HostsCampaign.Verb, .. var rest] => await HostsCampaign.RunAsync(rest, Console.Out),
    [SelfKillingHost.CopyVerb, .. var rest] => await SelfKillingHost.CopyAsync(rest),
    [ProgramComparison.Verb, .. var rest] => await ProgramComparison.RunAsync(rest, Console.Out),
    _ => await Suite.RunAsync(args, Console.Out),
};
