using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PhishMe.Simulator.Http;

/// <summary>
/// Steers a simulator from another process, below <c>/_simulator/</c>, from the same machine only and without credentials. Every call has its counterpart
/// on <see cref="ThreatHqSimulator"/>.
/// </summary>
internal sealed class SteeringEndpoints(ThreatHqSimulator simulator, GateBook gates)
{
    public const string Root = "/_simulator/";

    private static readonly JsonSerializerOptions Wire = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    public async Task HandleAsync(HttpContext context, CancellationToken stopping)
    {
        if (context.Connection.RemoteIpAddress is not { } remote || !IPAddress.IsLoopback(remote))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        var action = context.Request.Path.Value![Root.Length..].TrimEnd('/');
        try
        {
            var result = await ActAsync(context, context.Request.Method, action, cancellation.Token);
            if (result is byte[] bytes)
            {
                context.Response.ContentLength = bytes.Length;
                await context.Response.Body.WriteAsync(bytes, cancellation.Token);
                return;
            }

            await context.Response.WriteAsJsonAsync(result ?? new { done = true }, Wire, cancellation.Token);
        }
        catch (Exception problem) when (problem is BadRequestException or ArgumentException or InvalidOperationException or JsonException or FormatException)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsJsonAsync(new { error = problem.Message }, Wire, cancellation.Token);
        }
    }

    private static string Required(RequestParameters query, string name) =>
        query.One(name) ?? throw new BadRequestException($"{name} is missing");

    private async Task<object?> ActAsync(HttpContext context, string method, string action, CancellationToken cancellationToken)
    {
        var query = await RequestParameters.ReadAsync(context.Request, cancellationToken);
        switch (method, action)
        {
            case ("POST", "publish"):
                return await PublishAsync(context, query, cancellationToken);
            case ("POST", "republish"):
                simulator.Republish(Required(query, "id"));
                return null;
            case ("POST", "republish-unchanged"):
                simulator.RepublishUnchanged(Required(query, "id"), query.Flag("moveDate") ?? true);
                return null;
            case ("POST", "withdraw"):
                simulator.Withdraw(Required(query, "id"));
                return null;
            case ("POST", "restore"):
                simulator.Restore(Required(query, "id"));
                return null;
            case ("POST", "faults"):
                foreach (var rule in await RulesAsync(context, cancellationToken))
                {
                    simulator.Inject(rule);
                }

                return null;
            case ("POST", "clear-faults"):
                simulator.ClearFaults();
                return null;
            case ("POST", "clear"):
                simulator.Requests.Clear();
                return null;
            case ("POST", "hold"):
                var held = simulator.Hold(Required(query, "route"), (int)(query.Number("skip") ?? 0));
                return new { gate = gates.NumberOf(held) };
            case ("GET", "hold"):
                await Gate(query).Reached.WaitAsync(cancellationToken);
                return new { reached = true };
            case ("POST", "release"):
                Gate(query).Release();
                return null;
            case ("GET", "requests"):
                return new
                {
                    count = simulator.Requests.Count(),
                    peakInFlight = simulator.Requests.PeakInFlight,
                    routes = simulator.Requests.CountByRoute(),
                    entries = simulator.Requests.Entries,
                };
            case ("GET", "position"):
                return new { position = simulator.CurrentPosition };
            case ("GET", "threats"):
                return new { ids = simulator.Threats.Select(threat => Name(threat.Type, threat.Id)) };
            case ("GET", "json"):
                return simulator.Json(Required(query, "id")).ToArray();
            case ("GET", "cef"):
                return Encoding.UTF8.GetBytes(simulator.Cef(Required(query, "id")));
            case ("GET", "stix"):
                return Encoding.UTF8.GetBytes(simulator.Stix(Required(query, "id")));
            default:
                throw new BadRequestException($"The simulator does not know {method} {action}");
        }
    }

    private async Task<object> PublishAsync(HttpContext context, RequestParameters query, CancellationToken cancellationToken)
    {
        if (query.Number("count") is { } count)
        {
            return new { ids = simulator.Publish((int)count).Select(threat => Name(threat.Type, threat.Id)) };
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, cancellationToken);
        (var type, var id) = simulator.Publish(body.ToArray());
        return new { ids = new[] { Name(type, id) } };
    }

    private static string Name(string type, long id) => string.Create(CultureInfo.InvariantCulture, $"{type[0]}_{id}");

    private static async Task<FaultRule[]> RulesAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var body = await JsonSerializer.DeserializeAsync<JsonElement>(context.Request.Body, Wire, cancellationToken);
        return body.ValueKind == JsonValueKind.Array
            ? body.Deserialize<FaultRule[]>(Wire)!
            : [body.Deserialize<FaultRule>(Wire)!];
    }

    private Gate Gate(RequestParameters query) =>
        gates.Find(query.Number("gate") ?? throw new BadRequestException("gate is missing")) ?? throw new BadRequestException("There is no such gate");
}
