using System.Diagnostics;
using System.Threading.Channels;
using PhishMe.Engine.Lookup;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.PostgreSql;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using PhishMe.Simulator;
using static System.FormattableString;

namespace PhishMe.Benchmarks;

/// <summary>
/// Fills a shared state with threats of the simulator by the port that runs commit to, batch by batch. Without the API: a million threats over HTTP would measure
/// the simulator.
/// </summary>
internal sealed class ScaleStore(ThreatHqSimulator simulator, SharedStateAddress address)
{
    /// <summary>Threats of a transaction.</summary>
    private const int Batch = 500;

    /// <summary>Batches that wait for the one transaction at a time.</summary>
    private const int Ahead = 4;

    private static readonly DateTimeOffset _now = new(2025, 7, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Some values of stored threats all over the store, without those that meet many: the simulator has few addresses, each in thousands of threats.</summary>
    /// <param name="server">The database.</param>
    /// <param name="threats">From how many threats.</param>
    /// <param name="mostMatches">Indicators that one key of a value may have.</param>
    public async Task<string[]> SampleAsync(ScaleServer server, int threats, int mostMatches)
    {
        var random = new Random(3);
        var stored = await server.AskAsync(Invariant($"SELECT type::text, number FROM phishme.stored_threat ORDER BY md5(threat::text) LIMIT {threats}"));
        string[] values =
        [
            .. stored.SelectMany(threat => Prepared(threat.Name == "1" ? "phish" : "malware", threat.Value).Indicators)
                .Where(indicator => indicator.Kind != IndicatorKind.Subject).Select(indicator => indicator.Value).Distinct().OrderBy(_ => random.Next()),
        ];
        var keys = values.ToDictionary(value => value, KeysOf);
        var common = (await server.AskAsync(
            $"""
            SELECT key::text, sum(count)::bigint FROM unnest(ARRAY[{string.Join(',', keys.Values.SelectMany(all => all).Distinct())}]::bigint[]) AS asked (key), LATERAL (
                SELECT count(*) FROM (SELECT FROM phishme.indicator WHERE key1 = key LIMIT {mostMatches + 1}) AS one
                UNION ALL SELECT count(*) FROM (SELECT FROM phishme.indicator WHERE key2 = key LIMIT {mostMatches + 1}) AS two
                UNION ALL SELECT count(*) FROM (SELECT FROM phishme.indicator WHERE key3 = key LIMIT {mostMatches + 1}) AS three) AS counts
            GROUP BY key HAVING sum(count) > {mostMatches}
            """)).Select(key => long.Parse(key.Name, System.Globalization.CultureInfo.InvariantCulture)).ToHashSet();
        return [.. values.Where(value => !keys[value].Exists(common.Contains))];
    }

    /// <summary>Builds it, and says how long that took.</summary>
    public async Task BuildAsync()
    {
        var watch = Stopwatch.StartNew();
        var ready = Channel.CreateBounded<PreparedThreat[]>(Ahead);
        var preparing = Task.Run(() => PrepareAsync(ready.Writer));
        var storing = new Stopwatch();
        long threats = 0, indicators = 0;
        using (var state = new PostgreSqlStateBackend(TimeProvider.System).Open(new StateLocation { File = string.Empty, Shared = address }))
        {
            await foreach (var batch in ready.Reader.ReadAllAsync())
            {
                storing.Start();
                using (var transaction = await state.BeginAsync(CancellationToken.None))
                {
                    await transaction.RecordThreatsAsync([.. batch.Select(threat => new SeenThreat(threat.Id, threat.FirstPublished, threat.LastPublished))], _now);
                    await transaction.StoreAsync(batch, [], _now);
                    await transaction.CommitAsync();
                }

                storing.Stop();
                threats += batch.Length;
                indicators += batch.Sum(threat => (long)threat.Indicators.Count);
                if (threats % (Batch * 100) == 0)
                {
                    Console.WriteLine(Invariant($"  … {threats:N0} threats after {watch.Elapsed.TotalSeconds:0} s, storing {storing.Elapsed.TotalSeconds:0} s"));
                }
            }

            await state.Archive.SettleAsync(oldest: null, CancellationToken.None);
        }

        await preparing;
        var seconds = watch.Elapsed.TotalSeconds;
        Console.WriteLine(Invariant($"  build           {threats:N0} threats, {indicators:N0} indicators in {seconds:0} s ({threats / seconds:N0} threats/s, {indicators / seconds:N0} indicators/s), commits of {Batch}"));
        Console.WriteLine(Invariant($"  storing alone   {storing.Elapsed.TotalSeconds:0} s of it ({threats / storing.Elapsed.TotalSeconds:N0} threats/s); the rest is making and reading the threats"));
    }

    private static List<long> KeysOf(string value)
    {
        var keys = new List<LookupKey>();
        LookupPlan.Add(LookupValue.Of(value), new StoredNetworks([]), keys);
        return keys.ConvertAll(key => IndexKey.Of(key.Space, System.Text.Encoding.UTF8.GetBytes(key.Text)));
    }

    private async Task PrepareAsync(ChannelWriter<PreparedThreat[]> ready)
    {
        try
        {
            foreach (var chunk in simulator.Threats.Chunk(Batch))
            {
                await ready.WriteAsync([.. chunk.AsParallel().AsOrdered().Select(threat => Prepared(threat.Type, threat.Id))]);
            }

            ready.Complete();
        }
        catch (Exception exception)
        {
            ready.Complete(exception);
            throw;
        }
    }

    private PreparedThreat Prepared(string type, long id) => PreparedThreat.Of(ThreatDocumentReader.Read(simulator.Json(type, id))!);
}
