using System.CommandLine;
using System.Globalization;
using PhishMe.Intelligence;

namespace PhishMe.Cli;

/// <summary><c>phishme state copy</c>: moves a state from its file to a shared one, and back.</summary>
internal static class StateCommand
{
    public static Command Create(Option<string> configuration, IIntelligenceEngine engine, TextWriter output, TextWriter error)
    {
        var to = new Option<string?>("--to")
        {
            Description = "Copy the state file to this shared state: a connection, or env:NAME or file:PATH that has it. Without a value: connection in [state].",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var from = new Option<string?>("--from")
        {
            Description = "Copy this shared state to the state file. Without a value: connection in [state].",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var copy = new Command(
            "copy",
            "Copy the state - position, deliveries, queues, dead letters, runs, store - from the state file to a shared state (--to) or back (--from), and compare both. "
            + "A copy that was stopped continues. The original stays.")
        {
            configuration, to, from,
        };
        copy.Validators.Add(result =>
        {
            if (result.GetResult(to) is null == result.GetResult(from) is null)
            {
                result.AddError("Give either --to or --from.");
            }
        });
        copy.SetAction(async (parsed, token) =>
        {
            var isTo = parsed.GetResult(to) is not null;
            try
            {
                var summary = engine.CopyState(
                    new StateCopyRequest
                    {
                        ConfigurationPath = parsed.GetRequiredValue(configuration),
                        ToShared = isTo,
                        Connection = parsed.GetValue(isTo ? to : from),
                    },
                    progress: null,
                    token);
                await output.WriteLineAsync($"{VisibleText.Of(summary.Source)} {(summary.Resumed ? "is copied, after a copy that was stopped," : "is copied")} to {VisibleText.Of(summary.Target)}, and both are alike.");
                foreach (var area in summary.Areas)
                {
                    await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{area.Count,10} {area.Name}"));
                }

                return (int)ExitCode.Done;
            }
            catch (PhishMeException exception)
            {
                await error.WriteLineAsync($"{exception.Fault.Kind.Id}: {VisibleText.OfLines(exception.Fault.ToString())}");
                return (int)exception.Fault.Kind.ExitCode;
            }
            catch (OperationCanceledException)
            {
                return (int)ExitCode.Cancelled;
            }
        });
        return new Command("state", "Move the state between its file and a database that hosts share.") { copy };
    }
}
