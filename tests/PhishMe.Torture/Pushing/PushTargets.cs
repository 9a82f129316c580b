using System.Text.Json.Nodes;
using PhishMe.Simulator.Products;

namespace PhishMe.Torture.Pushing;

/// <summary>
/// One product of each kind: Splunk keeps whatever it is sent, QRadar holds sets in which a value stands once, and SOAR takes an artifact as often as it is
/// posted, so that only asking it keeps a second one out.
/// </summary>
internal sealed class PushTargets : IAsyncDisposable
{
    /// <summary>Events of one request to Splunk: small, so that a run has many batches.</summary>
    public const int BatchEvents = 7;

    /// <summary>Requests to Splunk whose events leave the queue together: so many may be in flight at a kill.</summary>
    public const int BatchesInFlight = 4;

    private readonly Lock _lock = new();
    private int _requests;

    private PushTargets(IReadOnlyList<PushTarget> all) => All = all;

    public IReadOnlyList<PushTarget> All { get; }

    /// <summary>The tokens, which must stand nowhere but in config.ini.</summary>
    public static IReadOnlyList<string> Secrets { get; } = ["collector-token-of-the-torture-01", "console-token-of-the-torture-0002", "automation-token-of-the-torture-3"];

    /// <summary>Requests to all of them.</summary>
    public int Requests => All.Sum(target => target.Server.Count);

    /// <summary>The sections of config.ini.</summary>
    public string Sections => SectionsOf(product: null);

    /// <summary>The sections of one product, or of all of them when it is null.</summary>
    public string SectionsOf(string? product) =>
        string.Join('\n', All.Where(target => product is null || target.Id == product).Select(target => target.Section(target.Server.Address)));

    public static async Task<PushTargets> StartAsync()
    {
        var collector = new SplunkCollector(Secrets[0]);
        var console = new QRadarConsole(Secrets[1]);
        var soar = new SoarService(Secrets[2]);
        return new PushTargets(
        [
            new PushTarget(
                "splunk_hec",
                await ProductServer.StartAsync(collector),
                RecognizesRepeats: false,
                address => $"""
                    [integration_splunk_hec]
                    use = True
                    token = {Secrets[0]}
                    event_url = {address}services/collector/event
                    json_raw = 0
                    json_blockset = 1
                    json_executableset = 1
                    batch_events = {BatchEvents}
                    max_retries = 2

                    [integration_splunk_brandintelligence]
                    use = True
                    output_phish_url = True

                    """,
                () => collector.Indexed.Select(WithoutTimeOfWithdrawal),
                () => collector.Forget),
            new PushTarget(
                "qradar_siem",
                await ProductServer.StartAsync(console),
                RecognizesRepeats: true,
                address => $"""
                    [integration_qradar_siem]
                    use = True
                    mode = reference_data
                    host_with_protocol = {address}
                    api_token = {Secrets[1]}
                    retention_days = 0
                    max_retries = 2

                    """,
                () => console.Held,
                () => Kept(console)),
            new PushTarget(
                "phantom",
                await ProductServer.StartAsync(soar),
                RecognizesRepeats: true,
                address => $"""
                    [integration_phantom]
                    use = True
                    host_with_protocol = {address}
                    api_token = {Secrets[2]}
                    max_retries = 2

                    """,
                // A threat that was withdrawn before SOAR could be reached never comes there, so closed containers do not count.
                () => soar.Containers.Where(container => container.Status != "closed").SelectMany(container => container.Artifacts
                    .Select(artifact => $"{container.Identifier} {(string?)artifact["source_data_identifier"]}")
                    .Prepend($"{container.Identifier} {container.Name}")),
                () => Kept(soar)),
        ]);
    }

    /// <summary>Keeps what all of them hold.</summary>
    public Action Save()
    {
        Action[] restore = [.. All.Select(target => target.Save())];
        return () => Array.ForEach(restore, action => action());
    }

    /// <summary>
    /// One of the requests is held: the first half of them before the product does its work, the others behind it, before the product can answer.
    /// </summary>
    /// <param name="number">Which request, from 1; twice as many as there are.</param>
    /// <param name="of">Requests in all.</param>
    public HeldDelivery Hold(int number, int of)
    {
        var held = new HeldDelivery();
        _requests = 0;
        foreach (var target in All)
        {
            target.Server.Always(request =>
            {
                lock (_lock)
                {
                    if (++_requests != (number <= of ? number : number - of))
                    {
                        return null;
                    }
                }

                if (number > of)
                {
                    _ = target.Server.Work(request);
                }

                held.Reach();
                return ProductAnswer.Cut with { Hold = held.Released };
            });
        }

        held.Ended = () =>
        {
            foreach (var target in All)
            {
                target.Server.Always(null);
            }
        };
        return held;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var target in All)
        {
            await target.DisposeAsync();
        }
    }

    /// <summary>The event of a withdrawal has the time of its delivery.</summary>
    private static string WithoutTimeOfWithdrawal(string text)
    {
        var given = JsonNode.Parse(text)!.AsObject();
        if ((bool?)given["event"]?["deleted"] == true)
        {
            given.Remove("time");
        }

        return given.ToJsonString();
    }

    private static Action Kept(QRadarConsole console)
    {
        var sets = console.Sets.ToDictionary(set => set.Key, set => (set.Value.Type, set.Value.Values.ToArray()));
        return () =>
        {
            console.Sets.Clear();
            foreach (var (name, (type, values)) in sets)
            {
                console.Sets.Add(name, (type, new SortedSet<string>(values, StringComparer.Ordinal)));
            }
        };
    }

    private static Action Kept(SoarService soar)
    {
        SoarContainer[] containers = [.. soar.Containers.Select(container => container.Copy())];
        return () => soar.Restore(containers);
    }
}
