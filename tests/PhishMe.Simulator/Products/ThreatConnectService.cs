using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace PhishMe.Simulator.Products;

/// <summary>
/// The batch API of ThreatConnect: signatures over path and query as they were on the wire, jobs that are queued before they are done, errors that name what
/// was refused. Groups and indicators are distinguished as the product does: by xid, and by owner, type and summary.
/// </summary>
public sealed class ThreatConnectService(string accessId, string secret) : ISimulatedProduct
{
    private const string Root = "/api/v2";

    private readonly Dictionary<long, Job> _jobs = [];
    private long _nextJob = 1;

    /// <summary>Groups by xid, with their names.</summary>
    public SortedDictionary<string, string> Groups { get; } = new(StringComparer.Ordinal);

    /// <summary>Indicators by type and summary, with the xids of their groups.</summary>
    public SortedDictionary<string, SortedSet<string>> Indicators { get; } = new(StringComparer.Ordinal);

    /// <summary>The owner that exists.</summary>
    public string Owner { get; init; } = "Example Org";

    /// <summary>How often a job is asked for before it is done.</summary>
    public int QuestionsBeforeDone { get; init; } = 1;

    /// <summary>A thing with this text is refused.</summary>
    public string? Poison { get; init; }

    /// <summary>Whether errors are counted, but the list of them is empty.</summary>
    public bool HidesErrors { get; init; }

    /// <summary>The clock that signatures are compared with.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public ProductAnswer Answer(ProductRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!IsSigned(request))
        {
            return ProductAnswer.Json(401, """{"status":"Failure","message":"Access was denied"}""");
        }

        if (request.Path == Root + "/owners")
        {
            return ProductAnswer.Json(200, $$$"""{"status":"Success","data":{"resultCount":1,"owner":[{"id":1,"name":{{{JsonSerializer.Serialize(Owner)}}},"type":"Organization"}]}}""");
        }

        return (request.Method, request.Path.Split('/')) switch
        {
            ("POST", ["", "api", "v2", "batch"]) => Make(request),
            ("POST", ["", "api", "v2", "batch", var id]) => Fill(id, request),
            ("GET", ["", "api", "v2", "batch", var id]) => Show(id),
            ("GET", ["", "api", "v2", "batch", var id, "errors"]) => Errors(id),
            _ => ProductAnswer.Json(404, """{"status":"Failure","message":"Not found"}"""),
        };
    }

    private bool IsSigned(ProductRequest request)
    {
        if (request.Header("Timestamp") is not string timestamp || !long.TryParse(timestamp, CultureInfo.InvariantCulture, out var seconds)
            || Math.Abs(Clock.GetUtcNow().ToUnixTimeSeconds() - seconds) > 300)
        {
            return false;
        }

        using var hmac = new HMACSHA256(Encoding.UTF8.GetBytes(secret));
        var signature = Convert.ToBase64String(hmac.ComputeHash(Encoding.UTF8.GetBytes($"{request.RawTarget}:{request.Method}:{timestamp}")));
        return request.Header("Authorization") == $"TC {accessId}:{signature}";
    }

    private ProductAnswer Make(ProductRequest request)
    {
        using var document = JsonDocument.Parse(request.Body);
        if (!document.RootElement.TryGetProperty("owner", out var owner) || owner.GetString() != Owner)
        {
            return ProductAnswer.Json(400, """{"status":"Failure","message":"The owner does not exist"}""");
        }

        _jobs.Add(_nextJob, new Job { Deletes = document.RootElement.GetProperty("action").GetString() == "Delete" });
        return ProductAnswer.Json(201, string.Create(CultureInfo.InvariantCulture, $$$"""{"status":"Success","data":{"batchId":{{{_nextJob++}}}}}"""));
    }

    private ProductAnswer Fill(string id, ProductRequest request)
    {
        if (!_jobs.TryGetValue(long.Parse(id, CultureInfo.InvariantCulture), out var job) || request.Header("Content-Type") != "application/octet-stream")
        {
            return ProductAnswer.Json(400, """{"status":"Failure","message":"Bad batch"}""");
        }

        using var document = JsonDocument.Parse(request.Body);
        foreach (var kind in (string[])["group", "indicator"])
        {
            foreach (var thing in document.RootElement.GetProperty(kind).EnumerateArray())
            {
                Take(job, kind, thing);
            }
        }

        job.Questions = QuestionsBeforeDone;
        return ProductAnswer.Json(202, """{"status":"Queued"}""");
    }

    private void Take(Job job, string kind, JsonElement thing)
    {
        var xid = thing.GetProperty("xid").GetString()!;
        if (Poison is not null && thing.GetRawText().Contains(Poison, StringComparison.Ordinal))
        {
            job.Errors.Add(xid);
            return;
        }

        job.Done++;
        if (kind == "group")
        {
            if (job.Deletes)
            {
                Groups.Remove(xid);
            }
            else
            {
                Groups[xid] = thing.GetProperty("name").GetString()!;
            }

            return;
        }

        var name = $"{thing.GetProperty("type").GetString()}/{thing.GetProperty("summary").GetString()}";
        if (job.Deletes)
        {
            Indicators.Remove(name);
            return;
        }

        if (!Indicators.TryGetValue(name, out var groups))
        {
            Indicators.Add(name, groups = new SortedSet<string>(StringComparer.Ordinal));
        }

        groups.UnionWith(thing.GetProperty("associatedGroups").EnumerateArray().Select(group => group.GetProperty("groupXid").GetString()!));
    }

    private ProductAnswer Show(string id)
    {
        var job = _jobs[long.Parse(id, CultureInfo.InvariantCulture)];
        var status = job.Questions-- > 0 ? "Running" : "Completed";
        return ProductAnswer.Json(200, string.Create(
            CultureInfo.InvariantCulture,
            $$$"""{"status":"Success","data":{"batchStatus":{"id":{{{id}}},"status":"{{{status}}}","errorCount":{{{job.Errors.Count}}},"successCount":{{{job.Done}}},"unprocessCount":0} } }"""));
    }

    private ProductAnswer Errors(string id) => ProductAnswer.Json(200, HidesErrors ? "[]" : JsonSerializer.Serialize(
        _jobs[long.Parse(id, CultureInfo.InvariantCulture)].Errors.Select(xid => new { errorSource = xid, errorReason = "The summary is on the exclusion list", errorMessage = "refused" })));

    private sealed class Job
    {
        public bool Deletes { get; init; }

        public int Questions { get; set; }

        public int Done { get; set; }

        public List<string> Errors { get; } = [];
    }
}
