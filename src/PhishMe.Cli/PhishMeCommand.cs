using System.CommandLine;
using PhishMe.Intelligence;

namespace PhishMe.Cli;

/// <summary>The command line: arguments to a request, the summary to text and exit code.</summary>
public static class PhishMeCommand
{
    /// <summary>Runs the command line.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    /// <param name="input">Standard input; null for that of the process.</param>
    /// <param name="isTerminal">Whether a person reads standard output. Otherwise a run writes nothing there: cron mails every line.</param>
    /// <returns>The exit code (<see cref="ExitCode"/>).</returns>
    public static async Task<int> RunAsync(string[] args, IIntelligenceEngine engine, TextWriter output, TextWriter error, TextReader? input = null, bool isTerminal = false)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(error);
        var file = new Option<string>("--config_file", "-conf", "--config-file")
        {
            Description = "Path of the configuration file.",
            DefaultValueFactory = _ => "config.ini",
        };
        var json = new Option<bool>("--json") { Description = "Write the summary as JSON." };
        var verbose = new Option<bool>("--verbose") { Description = "Write the summary as text even if standard output is not a terminal." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Fetch and report what would be written, but change nothing." };
        var sync = new Command(
            "sync",
            "Run the integration that the configuration file describes. Writes the summary to standard output if that is a terminal, or with --verbose, "
            + "--json or --dry-run; warnings and errors go to standard error.")
        {
            file, json, verbose, dryRun,
        };
        sync.SetAction(async (parsed, token) =>
        {
            var request = new RunRequest { ConfigurationPath = parsed.GetRequiredValue(file), DryRun = parsed.GetValue(dryRun) };
            var summary = await engine.RunAsync(request, progress: null, token);
            var isShown = isTerminal || parsed.GetValue(verbose) || request.DryRun;
            await SummaryText.WriteAsync(summary, parsed.GetValue(json), isShown, output, error);
            return (int)summary.ExitCode;
        });
        var check = new Command("check", "Check the configuration, paths, permissions, every destination in use, the API, the credentials and the clock. Writes nothing. Exit code 10 if a check fails.") { file };
        check.SetAction(async (parsed, token) =>
        {
            var failed = false;
            await foreach (var result in engine.CheckAsync(parsed.GetRequiredValue(file), token))
            {
                failed |= result.Outcome == CheckOutcome.Fail;
                var subject = result.Destination is string destination ? $"{destination}, {result.Subject}" : result.Subject;
                await output.WriteLineAsync($"{result.Outcome.ToString().ToUpperInvariant()} {subject}: {VisibleText.OfLines(result.ToString())}");
            }

            return (int)(failed ? ExitCode.Configuration : ExitCode.Done);
        });
        var lettersJson = new Option<bool>("--json") { Description = "Write each dead letter as a line of JSON." };
        var letters = new Command("dead-letters", "List the threats that were set aside, and why.") { file, lettersJson };
        letters.SetAction(async (parsed, _) =>
        {
            try
            {
                await DeadLetterText.WriteAsync(engine.GetDeadLetters(parsed.GetRequiredValue(file)), parsed.GetValue(lettersJson), output);
                return (int)ExitCode.Done;
            }
            catch (PhishMeException exception)
            {
                await error.WriteLineAsync($"{exception.Fault.Kind.Id}: {VisibleText.OfLines(exception.Fault.ToString())}");
                return (int)exception.Fault.Kind.ExitCode;
            }
        });
        var state = new Option<string?>("--store") { Description = "Path of the state file. Default: the one that the configuration file names." };
        var connection = new Option<string?>("--connection")
        {
            Description = "Connection to the database of a shared state, such as Host=db.example;Database=phishme;Username=reader, or env:NAME or file:PATH that has it. Instead of a configuration file.",
        };
        var root = new RootCommand("Keeps a SOC's tools in step with PhishMe (Cofense) Intelligence.")
        {
            sync, check, letters,
            DestinationsCommand.Create(file, engine, output, error),
            FindCommand.Create(file, state, connection, engine, input ?? Console.In, output, error),
            StoreCommand.Create(file, state, connection, engine, output, error),
            StateCommand.Create(file, engine, output, error),
            ServeCommand.Create(file, error),
        };
        var parsed = root.Parse(args);
        var console = new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false };
        var exitCode = await parsed.InvokeAsync(console);
        return parsed.Errors.Count > 0 ? (int)ExitCode.Usage : exitCode;
    }
}
