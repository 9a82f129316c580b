using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using PhishMe.Intelligence;

namespace PhishMe.Cli;

/// <summary><c>phishme destinations</c>: how far each is; <c>reset</c> starts one over.</summary>
internal static class DestinationsCommand
{
    public static Command Create(Option<string> configuration, IIntelligenceEngine engine, TextWriter output, TextWriter error)
    {
        var json = new Option<bool>("--json") { Description = "Write each destination as a line of JSON." };
        var list = new Command("destinations", "List the destinations: how far each is, what waits, its last delivery and its last error.") { configuration, json };
        list.SetAction((parsed, token) => GuardedAsync(error, async () =>
        {
            var destinations = await engine.GetDestinationsAsync(parsed.GetRequiredValue(configuration), token);
            foreach (var destination in destinations)
            {
                await output.WriteLineAsync(parsed.GetValue(json) ? Json(destination) : Text(destination));
            }

            if (destinations.Count == 0 && !parsed.GetValue(json))
            {
                await output.WriteLineAsync("No destinations.");
            }
        }));

        var id = new Argument<string>("id") { Description = "Id of the destination, as the list shows it." };
        var reset = new Command("reset", "Start a destination over: the next run delivers everything to it again, and to no other.") { id, configuration };
        reset.SetAction((parsed, token) => GuardedAsync(error, async () =>
        {
            var destination = await engine.ResetDestinationAsync(parsed.GetRequiredValue(configuration), parsed.GetRequiredValue(id), token);
            await output.WriteLineAsync($"{destination.Id}: the next run delivers everything to it again.");
        }));
        list.Subcommands.Add(reset);
        return list;
    }

    private static async Task<int> GuardedAsync(TextWriter error, Func<Task> work)
    {
        try
        {
            await work();
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
    }

    private static string Json(DestinationStatus destination) => JsonSerializer.Serialize(destination, DestinationJson.Default.DestinationStatus);

    private static string Text(DestinationStatus destination)
    {
        var state = destination.IsCurrent ? "up to date" : $"not up to date ({destination.CatchingUp})";
        var last = destination.LastDeliveryAt is DateTimeOffset at ? string.Create(CultureInfo.InvariantCulture, $"last delivery {at.UtcDateTime:yyyy-MM-dd HH:mm'Z'}") : "no delivery yet";
        var waiting = destination.Waiting > 0 ? string.Create(CultureInfo.InvariantCulture, $", {destination.Waiting} waiting") : string.Empty;
        var failed = destination.LastError is string reason ? $". Last error: {VisibleText.Of(reason)}" : string.Empty;
        return $"{destination.Id}: {state}, {last}{waiting}{failed}";
    }
}
