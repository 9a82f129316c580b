using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using PhishMe.Engine.Serving.Taxii;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Tests.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using Serilog;

namespace PhishMe.Engine.Tests.Serving.Taxii;

/// <summary>A store that runs write and a TAXII server reads, with a clock of its own.</summary>
internal sealed class TaxiiFolder(StateBackendKind kind = StateBackendKind.Sqlite) : IDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    private readonly StatePlace _place = new(kind);
    private TaxiiService? _service;

    public FakeTimeProvider Clock { get; } = new(Start);

    public TaxiiOptions Options { get; init; } = new();

    public string StatePath => _place.Location.File;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Epoch milliseconds.</summary>
    public long Now => Clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Days before the clock, epoch milliseconds.</summary>
    public long Ago(double days) => Clock.GetUtcNow().AddDays(-days).ToUnixTimeMilliseconds();

    /// <summary>Stores threats in one batch, as a run does, without its end.</summary>
    public TaxiiFolder Store(params IEnumerable<JsonObject> threats) => Change((transaction, now) => transaction.StoreAsync(
        [.. threats.Select(threat => PreparedThreat.Of(ThreatDocumentReader.Read(Encoding.UTF8.GetBytes(threat.ToJsonString()))!))], [], now));

    public TaxiiFolder Withdraw(string id) => Change((transaction, now) => transaction.StoreAsync([], [ThreatId.Parse(id)], now));

    public TaxiiFolder Purge(DateTimeOffset before)
    {
        using var state = _place.Open();
        state.Archive.SettleAsync(before.ToUnixTimeMilliseconds(), Stop).GetAwaiter().GetResult();
        return this;
    }

    /// <summary>The end of a run.</summary>
    public async Task<TaxiiFolder> SettleAsync(TaxiiOptions? options = null)
    {
        using var state = _place.Open();
        await new TaxiiSettlement(state.Served, options ?? Options, Clock, Log.Logger).RunAsync(Stop);
        return this;
    }

    /// <summary>A run that takes a minute and stores threats.</summary>
    public Task<TaxiiFolder> RunAsync(params IEnumerable<JsonObject> threats)
    {
        Clock.Advance(TimeSpan.FromMinutes(1));
        return Store(threats).SettleAsync();
    }

    /// <summary>The server starts anew.</summary>
    public void Restart()
    {
        _service?.Dispose();
        _service = null;
    }

    /// <summary>Answers what a reader asks for.</summary>
    public TaxiiReply Get(string pathAndQuery, string? accept = null, string method = "GET")
    {
        var answer = Answer(pathAndQuery, accept, method);
        using var plain = new MemoryStream();
        using var unpacked = answer.Unpack();
        unpacked.CopyTo(plain);
        Assert.Equal(answer.PlainLength ?? answer.Body.Length, plain.Length);
        return new TaxiiReply(answer.Status, JsonDocument.Parse(plain.ToArray()).RootElement, answer.Headers.ToDictionary());
    }

    /// <summary>The answer as the server keeps it.</summary>
    public TaxiiAnswer Answer(string pathAndQuery, string? accept = null, string method = "GET") =>
        Answer(_service ??= new TaxiiService(_place.Backend.StoreAt(_place.Location), new TaxiiSite(), Options, Clock), pathAndQuery, accept, method);

    /// <summary>The answer of a server that starts with this request.</summary>
    public TaxiiAnswer Fresh(string pathAndQuery)
    {
        using var service = new TaxiiService(_place.Backend.StoreAt(_place.Location), new TaxiiSite(), Options, Clock);
        return Answer(service, pathAndQuery);
    }

    /// <summary>A page of objects.</summary>
    public TaxiiReply Objects(string collection = "all", string query = "") => Get($"/intel/collections/{collection}/objects/{(query.Length > 0 ? "?" + query : string.Empty)}");

    /// <summary>All objects of a collection, by next.</summary>
    public IReadOnlyList<JsonElement> All(string collection = "all", string query = "", int limit = 1000)
    {
        var objects = new List<JsonElement>();
        var page = Objects(collection, $"limit={limit}{(query.Length > 0 ? "&" + query : string.Empty)}");
        while (true)
        {
            objects.AddRange(page.Items);
            if (page.Next is not string next)
            {
                return objects;
            }

            page = Objects(collection, $"next={next}");
        }
    }

    /// <summary>The names of the indicators that are not revoked.</summary>
    public IReadOnlyList<string> Values(string collection = "all", string query = "") =>
    [
        .. All(collection, query).Where(item => item.Type() == "indicator" && !item.IsRevoked()).Select(item => item.GetProperty("name").GetString()!).Order(StringComparer.Ordinal),
    ];

    public void Dispose()
    {
        _service?.Dispose();
        _place.Dispose();
    }

    private static TaxiiAnswer Answer(TaxiiService service, string pathAndQuery, string? accept = null, string method = "GET")
    {
        var parts = pathAndQuery.Split('?', 2);
        return service.AnswerAsync(
            new TaxiiRequest
            {
                Method = method,
                Path = parts[0],
                Parameters = parts.Length == 1
                    ? []
                    : [.. parts[1].Split('&').Select(pair => pair.Split('=', 2)).Select(pair => KeyValuePair.Create(Uri.UnescapeDataString(pair[0]), Uri.UnescapeDataString(pair[1])))],
                Accept = accept,
                Root = "https://taxii.example/",
            },
            Stop).GetAwaiter().GetResult();
    }

    private TaxiiFolder Change(Func<IStateTransaction, DateTimeOffset, Task> change)
    {
        using var state = _place.Open();
        using var transaction = state.BeginAsync(Stop).GetAwaiter().GetResult();
        change(transaction, Clock.GetUtcNow()).GetAwaiter().GetResult();
        transaction.CommitAsync().GetAwaiter().GetResult();
        return this;
    }
}
