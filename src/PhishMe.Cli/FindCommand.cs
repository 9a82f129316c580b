using System.CommandLine;
using System.Globalization;
using PhishMe.Intelligence;

namespace PhishMe.Cli;

/// <summary><c>phishme find</c>: values of the command line, values of a pipe, or a whole log.</summary>
internal static class FindCommand
{
    /// <summary>Lines of a pipe that are looked up together at most.</summary>
    private const int LinesAtOnce = 256;

    /// <summary>Values that are named when they were not understood; the rest is counted.</summary>
    private const int MostNamed = 20;

    public static Command Create(Option<string> configuration, Option<string?> state, Option<string?> connection, IIntelligenceEngine engine, TextReader input, TextWriter output, TextWriter error)
    {
        var values = new Argument<string[]>("value") { Description = "Values to look up. Default: the lines of standard input.", Arity = ArgumentArity.ZeroOrMore };
        var path = new Option<string[]>("--path") { Description = "Look up everything in this text file that may be an indicator. May be given more than once." };
        var impact = new Option<Impact?>("--minimum-impact") { Description = "Only indicators of this impact or higher: None, Minor, Moderate, Major." };
        var since = TimeOption.Since();
        var role = new Option<string[]>("--role") { Description = "Only indicators of this role, such as C2. May be given more than once." };
        var withdrawn = new Option<bool>("--include-withdrawn") { Description = "Include withdrawn threats." };
        var json = new Option<bool>("--json") { Description = "Write each match as a line of JSON." };
        var find = new Command("find", "Look up values or a log in the local store or in a shared one, without the API.")
        {
            values, configuration, state, connection, path, impact, since, role, withdrawn, json,
        };
        find.SetAction((parsed, token) => StoreCommand.WithStoreAsync(engine, StoreCommand.Place(parsed, configuration, state, connection), error, store =>
        {
            var filter = new MatchFilter
            {
                MinimumImpact = parsed.GetValue(impact),
                Since = parsed.GetValue(since),
                Roles = parsed.GetValue(role) ?? [],
                IncludeWithdrawn = parsed.GetValue(withdrawn),
            };
            var misread = 0;
            var given = parsed.GetValue(values) ?? [];
            var files = parsed.GetValue(path) ?? [];
            var writer = new MatchWriter(output, parsed.GetValue(json), showsPath: files.Length > 1);
            var exitCode = ExitCode.Done;
            var matches = files.Length > 0
                ? files.SelectMany(file => InFile(store, file, filter, NotReadable, token))
                : (given.Length > 0 ? [given] : Lines(input, writer.Show, token)).SelectMany(together => store.Find(together, filter, NotUnderstood, token));
            try
            {
                foreach (var match in matches)
                {
                    writer.Write(match);
                }
            }
            finally
            {
                writer.Show();
            }

            if (misread > MostNamed)
            {
                error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{misread - MostNamed} more values were not understood."));
            }

            return Task.FromResult(exitCode);

            // One log that cannot be read, or not to its end, must not cost the others.
            void NotReadable(PhishMeException exception)
            {
                writer.Show();
                error.WriteLine($"{exception.Fault.Kind.Id}: {VisibleText.OfLines(exception.Fault.ToString())}");
                exitCode = exception.Fault.Kind.ExitCode;
            }

            void NotUnderstood(string value)
            {
                if (++misread <= MostNamed)
                {
                    error.WriteLine($"Not understood: '{VisibleText.Of(value)}' is not a domain, address, network, URL, e-mail address or hash. It was compared with subjects only.");
                }
            }
        }));
        return find;
    }

    /// <summary>The matches of a file up to where it can be read.</summary>
    private static IEnumerable<IndicatorMatch> InFile(
        IIntelligenceStore store, string file, MatchFilter filter, Action<PhishMeException> notReadable, CancellationToken cancellationToken)
    {
        using var matches = store.FindInFile(file, filter, cancellationToken).GetEnumerator();
        while (true)
        {
            try
            {
                if (!matches.MoveNext())
                {
                    yield break;
                }
            }
            catch (PhishMeException exception) when (exception.Fault.Kind == Faults.InputUnreadable)
            {
                notReadable(exception);
                yield break;
            }

            yield return matches.Current;
        }
    }

    /// <summary>
    /// The lines of a pipe, those that are at hand together. When the next one is still to come, the others are looked up and what was found is shown first.
    /// </summary>
    private static IEnumerable<IReadOnlyList<string>> Lines(TextReader input, Action waiting, CancellationToken cancellationToken)
    {
        var together = new List<string>();
        while (true)
        {
            var next = input.ReadLineAsync(cancellationToken);
            if (together.Count > 0 && (!next.IsCompleted || together.Count == LinesAtOnce))
            {
                yield return together;
                together = [];
            }

            if (!next.IsCompleted)
            {
                waiting();
            }

            if (next.AsTask().GetAwaiter().GetResult() is not string line)
            {
                break;
            }

            if (!string.IsNullOrWhiteSpace(line))
            {
                together.Add(line);
            }
        }

        if (together.Count > 0)
        {
            yield return together;
        }
    }
}
