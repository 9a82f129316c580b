using System.CommandLine;
using System.Globalization;
using PhishMe.Engine.Lookup;
using PhishMe.Intelligence;

namespace PhishMe.Cli;

/// <summary><c>phishme store</c>: check, rebuild, statistics.</summary>
internal static class StoreCommand
{
    public static Command Create(Option<string> configuration, Option<string?> state, Option<string?> connection, IIntelligenceEngine engine, TextWriter output, TextWriter error)
    {
        var check = new Command("check", "Check the state file, every stored threat and the index.") { configuration, state, connection };
        check.SetAction((parsed, token) => WithStoreAsync(engine, Place(parsed, configuration, state, connection), error, async store =>
        {
            var failed = false;
            foreach (var result in store.Check(token))
            {
                failed |= result.Outcome == CheckOutcome.Fail;
                await output.WriteLineAsync($"{result.Outcome.ToString().ToUpperInvariant()} {result.Subject}: {VisibleText.OfLines(result.Message)}");
            }

            return failed ? Faults.StoreDamaged.ExitCode : ExitCode.Done;
        }));

        var from = new Option<string?>("--from") { Description = "Folder of per-threat JSON files, or a JSON append file. Default: rebuild the index from the stored threats." };
        var rebuild = new Command("rebuild", "Rebuild the store.") { configuration, state, connection, from };
        rebuild.SetAction((parsed, token) => WithStoreAsync(engine, Place(parsed, configuration, state, connection), error, async store =>
        {
            var summary = store.Rebuild(parsed.GetValue(from), progress: null, token);
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"The store holds {summary.Threats} threats, {summary.Withdrawn} of them withdrawn; {summary.Unreadable} objects were not threats."));
            return ExitCode.Done;
        }));

        var json = new Option<bool>("--json") { Description = "Write the counts as JSON." };
        var since = TimeOption.Since();
        var statistics = new Command("statistics", "Count the threats and indicators in the store.") { configuration, state, connection, since, json };
        statistics.SetAction((parsed, _) => WithStoreAsync(engine, Place(parsed, configuration, state, connection), error, async store =>
        {
            var counted = store.GetStatistics(parsed.GetValue(since));
            await output.WriteLineAsync(parsed.GetValue(json) ? StoreJson.Write(counted) : Text(counted));
            return ExitCode.Done;
        }));
        return new Command("store", "Check, rebuild or count the local store of threats.") { check, rebuild, statistics };
    }

    /// <summary>The store that a command line means.</summary>
    public static StorePlace Place(ParseResult parsed, Option<string> configuration, Option<string?> state, Option<string?> connection) =>
        new(parsed.GetRequiredValue(configuration), parsed.GetValue(state), parsed.GetValue(connection));

    /// <summary>Opens the store, works with it, and reports a fault as the command line does.</summary>
    public static async Task<int> WithStoreAsync(
        IIntelligenceEngine engine, StorePlace place, TextWriter error, Func<IIntelligenceStore, Task<ExitCode>> work)
    {
        try
        {
            using var store = place.Open(engine);
            return (int)await work(store);
        }
        catch (PhishMeException exception) when (place.IsConfiguration && exception.Fault.Kind == Faults.ConfigurationNotFound)
        {
            await error.WriteLineAsync(
                $"{Faults.StoreNotFound.Id}: There is no store: neither --store nor --connection names one, and there is no configuration file "
                + $"({VisibleText.Of(exception.Fault.Where)}). {Faults.StoreNotFound.RecommendedAction}");
            return (int)Faults.StoreNotFound.ExitCode;
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
    }

    private static string Text(StoreStatistics counted)
    {
        var lines = new List<string>
        {
            string.Create(
                CultureInfo.InvariantCulture,
                $"{counted.Threats} threats ({counted.Withdrawn} withdrawn), {counted.Indicators} indicators, {counted.FileSize} bytes in {counted.Path}"),
        };
        foreach ((var title, var counts) in new[]
        {
            ("Product", counted.ByType), ("Impact", counted.ByImpact), ("Role", counted.ByRole), ("Kind", counted.ByKind),
            ("Family", counted.ByFamily), ("Brand", counted.ByBrand), ("Day", counted.ByDay),
        })
        {
            lines.Add(title);
            lines.AddRange(counts.Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Count,10} {VisibleText.Of(count.Name)}")));
        }

        return string.Join(Environment.NewLine, lines);
    }
}
