using System.CommandLine;
using PhishMe.Engine.Lookup;
using PhishMe.Intelligence;

namespace PhishMe.Cli;

/// <summary><c>phishme find</c>: values of the command line, values of a pipe, or a whole log.</summary>
internal static class FindCommand
{
    public static Command Create(Option<string> configuration, Option<string?> state, IIntelligenceEngine engine, TextReader input, TextWriter output, TextWriter error)
    {
        var values = new Argument<string[]>("value") { Description = "What to look up; without any, the lines of standard input.", Arity = ArgumentArity.ZeroOrMore };
        var path = new Option<string[]>("--path") { Description = "Look up everything in this text file that may be an indicator; may be repeated." };
        var impact = new Option<Impact?>("--minimum-impact") { Description = "Lowest impact: None, Minor, Moderate, Major." };
        var since = TimeOption.Since();
        var role = new Option<string[]>("--role") { Description = "Role such as C2; may be repeated." };
        var withdrawn = new Option<bool>("--include-withdrawn") { Description = "Also what was withdrawn." };
        var json = new Option<bool>("--json") { Description = "Write each match as a line of JSON." };
        var find = new Command("find", "Look values or a log up in the local store, without the network.")
        {
            values, configuration, state, path, impact, since, role, withdrawn, json,
        };
        find.SetAction((parsed, token) => StoreCommand.WithStoreAsync(engine, parsed.GetRequiredValue(configuration), parsed.GetValue(state), error, async store =>
        {
            var filter = new MatchFilter
            {
                MinimumImpact = parsed.GetValue(impact),
                Since = parsed.GetValue(since),
                Roles = parsed.GetValue(role) ?? [],
                IncludeWithdrawn = parsed.GetValue(withdrawn),
            };
            string[] given = parsed.GetValue(values) ?? [];
            string[] files = parsed.GetValue(path) ?? [];
            IEnumerable<IndicatorMatch> matches = files.Length > 0
                ? files.SelectMany(file => store.FindInFile(file, filter, token))
                : store.Find(given.Length > 0 ? given : Lines(input), filter, token);
            foreach (IndicatorMatch match in matches)
            {
                await output.WriteLineAsync(parsed.GetValue(json) ? StoreJson.Write(match) : files.Length > 1 ? $"{match.Path}:{Text(match)}" : Text(match));
            }

            return ExitCode.Done;
        }));
        return find;
    }

    private static IEnumerable<string> Lines(TextReader input)
    {
        while (input.ReadLine() is string line)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                yield return line;
            }
        }
    }

    private static string Text(IndicatorMatch match)
    {
        string what = string.Join(", ", new[] { match.Impact?.ToString() ?? "unrated", match.Role, match.Family, match.Label }.OfType<string>());
        return match.Withdrawn ? $"{match}: withdrawn, {what}" : $"{match}: {what}";
    }
}
