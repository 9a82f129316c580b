using System.Collections.Concurrent;
using System.Globalization;

namespace PhishMe.Torture.Kills;

/// <summary>Spreads kills over lanes, two at a time.</summary>
internal static class KillCampaign
{
    /// <summary>Kills by the list; each lane takes the next when it is ready.</summary>
    public static async Task<IReadOnlyList<KillVerdict>> RunAsync(
        IReadOnlyList<KillLane> lanes, IEnumerable<IReadOnlyList<KillPoint>> plan, Action<KillVerdict>? report, CancellationToken cancellationToken)
    {
        var open = new ConcurrentQueue<IReadOnlyList<KillPoint>>(plan);
        var verdicts = new ConcurrentQueue<KillVerdict>();
        await Task.WhenAll(lanes.Select(lane => Task.Run(
            async () =>
            {
                while (open.TryDequeue(out var points))
                {
                    var verdict = await lane.KillAsync(points, cancellationToken);
                    verdicts.Enqueue(verdict);
                    report?.Invoke(verdict);
                }
            },
            cancellationToken)));
        return [.. verdicts];
    }

    /// <summary>Of each step the first and the last occurrence, filled up with others by chance.</summary>
    public static IReadOnlyList<KillPoint> Selection(KillLane lane, int count, Random random)
    {
        KillPoint[] all = [.. lane.EveryStep()];
        KillPoint[] edges = [.. all.Where(point => point.Number == 1 || point.Number == lane.Steps[point.Step])];
        random.Shuffle(edges);
        KillPoint[] rest = [.. all.Except(edges)];
        random.Shuffle(rest);
        return [.. edges.OrderBy(point => point.Number > 1).Concat(rest).Take(count)];
    }

    /// <summary>Kills while the server holds a request: spread over the whole run.</summary>
    public static IEnumerable<KillPoint> WhileWaiting(KillLane lane, int count, Random random) =>
        Enumerable.Range(0, count).Select(_ => new KillPoint(KillTrigger.Request, "*", random.Next(1, lane.Requests + 1)));

    /// <summary>Kills while a product holds a request: before its work, and behind it.</summary>
    public static IEnumerable<KillPoint> WhileDelivering(KillLane lane, int count, Random random) =>
        lane.Deliveries == 0 ? [] : Enumerable.Range(0, count).Select(_ => new KillPoint(KillTrigger.Delivery, "*", random.Next(1, (2 * lane.Deliveries) + 1)));

    public static string Describe(IReadOnlyDictionary<string, int> steps) =>
        string.Join(", ", steps.OrderBy(step => step.Key, StringComparer.Ordinal).Select(step => string.Create(CultureInfo.InvariantCulture, $"{step.Key} {step.Value}")));
}
