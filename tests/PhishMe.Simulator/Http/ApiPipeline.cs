using System.Globalization;
using System.IO.Compression;
using System.Text;
using PhishMe.Simulator.Catalog;

namespace PhishMe.Simulator.Http;

/// <summary>
/// The way of a request: noted down, delayed, held at a gate, checked for credentials, spoilt by a fault where one is due, answered.
/// </summary>
internal sealed class ApiPipeline(
    SimulatorOptions options, ThreatHqApi api, ThreatCatalog catalog, RequestLog log, FaultBook faults, GateBook gates, LimitBook limits, Credentials credentials)
{
    private const int SmallestCompressed = 256;
    private const int PiecesOfSlowBody = 10;
    private const long DefaultHugeBody = 1L << 30;

    public async Task HandleAsync(HttpContext context, CancellationToken stopping)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        var route = RouteMatch.Of(context.Request.Path.Value ?? "", context.Request.Method);
        IReadOnlyList<string> ids = route.Key is { } key ? [key.ToString()] : [.. context.Request.Query["threatId"].OfType<string>()];
        var entry = log.Arrived(context.Request, route.Name, ids);
        try
        {
            if (limits.Enter())
            {
                entry.Fault = "HungUp";
                context.Abort();
                return;
            }

            await HandleAsync(context, route, entry, cancellation.Token);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The client went away, or the simulator stops: no one is there to be answered.
            context.Abort();
        }
        finally
        {
            limits.Leave();
            log.Done(entry);
        }
    }

    private async Task HandleAsync(HttpContext context, RouteMatch route, RequestEntry entry, CancellationToken cancellationToken)
    {
        if (options.Latency > TimeSpan.Zero)
        {
            await Task.Delay(options.Latency, cancellationToken);
        }

        var parameters = await RequestParameters.ReadAsync(context.Request, cancellationToken);
        if (context.Request.HasFormContentType)
        {
            entry.Ids = route.Key is null ? parameters.All("threatId") : entry.Ids;
            entry.Query = "?" + string.Join('&', parameters.Names.SelectMany(name => parameters.All(name).Select(value => $"{name}={value}")));
        }

        using var tooMany = limits.Refusal();
        if (tooMany is not null)
        {
            await SendAsync(context, entry, tooMany, cancellationToken);
            return;
        }

        await limits.WorkAsync(cancellationToken);
        await gates.PassAsync(route.Name, cancellationToken);
        if (faults.TakeRotation(route.Name, entry.Ids) is { } rotation)
        {
            credentials.Rotate(rotation.Password);
            entry.Fault = rotation.Kind.ToString();
        }

        if (!credentials.Accepts(context.Request.Headers.Authorization))
        {
            using var refusal = Unauthorized();
            await SendAsync(context, entry, refusal, cancellationToken);
            return;
        }

        var fault = faults.Take(route.Name, entry.Ids, () => api.Served(route, parameters));
        entry.Fault = fault?.Kind.ToString() ?? entry.Fault;
        switch (fault?.Kind)
        {
            case FaultRuleKind.ConnectionReset:
                context.Abort();
                return;
            case FaultRuleKind.HugeBody:
                await SendHugeAsync(context, entry, fault.Bytes ?? DefaultHugeBody, cancellationToken);
                return;
            case FaultRuleKind.Stall:
                await Task.Delay(fault.Delay, cancellationToken);
                break;
            case FaultRuleKind.ChangesBetween or FaultRuleKind.VanishesBetween:
                Meanwhile(fault, entry.Ids);
                break;
        }

        using var answer = fault?.Kind == FaultRuleKind.EchoesCredentials
            ? Echo(context.Request.Headers.Authorization.ToString(), route)
            : Spoilt(fault, () => Respond(route, parameters, fault));
        switch (fault?.Kind)
        {
            case FaultRuleKind.CutBody:
                await SendCutAsync(context, entry, answer, fault.Bytes, cancellationToken);
                break;
            case FaultRuleKind.SlowBody:
                await SendSlowlyAsync(context, entry, answer, fault.Delay, cancellationToken);
                break;
            default:
                await SendAsync(context, entry, answer, cancellationToken);
                break;
        }
    }

    private Answer Respond(RouteMatch route, RequestParameters parameters, FaultRule? fault)
    {
        try
        {
            return api.Respond(route, parameters, fault);
        }
        catch (BadRequestException problem)
        {
            return Answer.Problem(StatusCodes.Status400BadRequest, problem.Message);
        }
    }

    /// <summary>What the rest of the world does between changelog and detail.</summary>
    private void Meanwhile(FaultRule fault, IReadOnlyList<string> asked)
    {
        var ids = fault.Ids.Count > 0 ? fault.Ids : [.. asked.Take(1)];
        foreach (var id in ids)
        {
            if (!ThreatKey.TryParse(id, out var key) || catalog.Find(key) is null)
            {
                continue;
            }

            if (fault.Kind == FaultRuleKind.VanishesBetween)
            {
                catalog.Withdraw(key);
            }
            else
            {
                catalog.Republish(key, changeContent: true, moveDate: true);
            }
        }
    }

    private static Answer Unauthorized()
    {
        var answer = Answer.Problem(StatusCodes.Status401Unauthorized, "Failed to authorize");
        answer.Headers["WWW-Authenticate"] = "Basic realm=\"ThreatHQ\"";
        return answer;
    }

    private static Answer Spoilt(FaultRule? fault, Func<Answer> respond) => fault?.Kind switch
    {
        FaultRuleKind.Unauthorized401 => Unauthorized(),
        FaultRuleKind.Refused400 => Answer.Problem(StatusCodes.Status400BadRequest, "Unknown parameter"),
        FaultRuleKind.Forbidden403 => Answer.Problem(StatusCodes.Status403Forbidden, "Forbidden"),
        FaultRuleKind.NotFound404 => Answer.Problem(StatusCodes.Status404NotFound, "No such threat"),
        FaultRuleKind.Throttled429 => WithRetryAfter(fault, Answer.Problem(StatusCodes.Status429TooManyRequests, "Too many requests")),
        FaultRuleKind.ServerError500 => Answer.Problem(StatusCodes.Status500InternalServerError, "Internal error"),
        FaultRuleKind.Unavailable503 => WithRetryAfter(fault, Answer.Problem(StatusCodes.Status503ServiceUnavailable, "Temporarily unavailable")),
        FaultRuleKind.Html200 => Answer.Text("text/html;charset=UTF-8", "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Please sign in to continue.</body></html>\n"),
        FaultRuleKind.SuccessFalse => Problem200(),
        FaultRuleKind.GarbageBytes => Garbage(fault.Bytes ?? 4096),
        FaultRuleKind.MalformedXml => Rewritten(respond(), text => text[..(text.Length / 2)]),
        FaultRuleKind.BareAmpersand => Rewritten(respond(), text => text.Replace("</stix:Title>", " R&D</stix:Title>", StringComparison.Ordinal)),
        FaultRuleKind.BlankCefLines => Rewritten(respond(), text => "\n" + text.Replace("\n", "\n\n", StringComparison.Ordinal) + "\n\n"),
        FaultRuleKind.CefLinesWithoutId => Rewritten(respond(), WithoutEverySecondId),
        _ => respond(),
    };

    /// <summary>For a package the echo is well hidden: in an answer that is malformed only at its end.</summary>
    private static Answer Echo(string authorization, RouteMatch route)
    {
        var token = authorization["Basic ".Length..];
        var plain = Encoding.UTF8.GetString(Convert.FromBase64String(token));
        var text = $"Cannot serve the request of {plain} with Authorization {authorization} at https://{Uri.EscapeDataString(plain)}@example.net";
        return route.Name == "stix"
            ? Answer.Text("application/xml;charset=UTF-8", $"<package><note>{text}</note>")
            : Answer.Problem(StatusCodes.Status500InternalServerError, text);
    }

    private static Answer Problem200()
    {
        using var problem = Answer.Problem(StatusCodes.Status200OK, "The request could not be processed");
        return Answer.Bytes(Answer.Json, problem.Body.Span);
    }

    private static Answer Garbage(long bytes)
    {
        var body = new byte[bytes];
        for (var i = 0; i < body.Length; i++)
        {
            body[i] = (byte)(0x80 + (i * 37 % 0x80));
        }

        return Answer.Bytes(Answer.Json, body);
    }

    private static Answer Rewritten(Answer original, Func<string, string> rewrite)
    {
        using (original)
        {
            return original.Status == StatusCodes.Status200OK
                ? Answer.Text(original.ContentType, rewrite(Encoding.UTF8.GetString(original.Body.Span)))
                : Answer.Problem(original.Status, "No such threat");
        }
    }

    private static string WithoutEverySecondId(string text)
    {
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i += 2)
        {
            var start = lines[i].IndexOf("externalId=", StringComparison.Ordinal);
            var end = start < 0 ? -1 : lines[i].IndexOf(' ', start);
            lines[i] = end < 0 ? lines[i] : lines[i].Remove(start, end - start + 1);
        }

        return string.Join('\n', lines);
    }

    private static Answer WithRetryAfter(FaultRule fault, Answer answer)
    {
        if (fault.RetryAfter is { } delay)
        {
            answer.Headers["Retry-After"] = fault.RetryAfterAsDate
                ? DateTimeOffset.UtcNow.Add(delay).ToString("R", CultureInfo.InvariantCulture)
                : Math.Ceiling(delay.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        return answer;
    }

    private bool Compresses(HttpContext context, long length) =>
        options.Gzip && length >= SmallestCompressed && context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase);

    /// <summary>Sets status and headers, and gives the bytes that go over the wire.</summary>
    private ReadOnlyMemory<byte> Prepare(HttpContext context, RequestEntry entry, Answer answer, PooledBuffer compressed)
    {
        var response = context.Response;
        response.StatusCode = answer.Status;
        response.ContentType = answer.ContentType;
        foreach ((var name, var value) in answer.Headers)
        {
            response.Headers[name] = value;
        }

        var body = answer.Body.Memory;
        if (Compresses(context, body.Length))
        {
            using (var gzip = new GZipStream(new BufferStream(compressed), CompressionLevel.Fastest))
            {
                gzip.Write(body.Span);
            }

            response.Headers.ContentEncoding = "gzip";
            response.Headers.Vary = "Accept-Encoding";
            body = compressed.Memory;
        }

        response.ContentLength = body.Length;
        entry.Status = answer.Status;
        log.Done(entry);
        return body;
    }

    private async Task SendAsync(HttpContext context, RequestEntry entry, Answer answer, CancellationToken cancellationToken)
    {
        using var compressed = new PooledBuffer();
        var body = Prepare(context, entry, answer, compressed);
        await context.Response.Body.WriteAsync(body, cancellationToken);
    }

    private async Task SendCutAsync(HttpContext context, RequestEntry entry, Answer answer, long? bytes, CancellationToken cancellationToken)
    {
        using var compressed = new PooledBuffer();
        var body = Prepare(context, entry, answer, compressed);
        var length = (int)Math.Min(bytes ?? (body.Length / 2), Math.Max(0, body.Length - 1));
        await context.Response.Body.WriteAsync(body[..length], cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
        context.Abort();
    }

    private async Task SendSlowlyAsync(HttpContext context, RequestEntry entry, Answer answer, TimeSpan pause, CancellationToken cancellationToken)
    {
        using var compressed = new PooledBuffer();
        var body = Prepare(context, entry, answer, compressed);
        var piece = Math.Max(1, (body.Length + PiecesOfSlowBody - 1) / PiecesOfSlowBody);
        while (body.Length > 0)
        {
            var length = Math.Min(piece, body.Length);
            await context.Response.Body.WriteAsync(body[..length], cancellationToken);
            await context.Response.Body.FlushAsync(cancellationToken);
            body = body[length..];
            if (body.Length > 0)
            {
                await Task.Delay(pause, cancellationToken);
            }
        }
    }

    private async Task SendHugeAsync(HttpContext context, RequestEntry entry, long bytes, CancellationToken cancellationToken)
    {
        var blank = GC.AllocateUninitializedArray<byte>(1 << 16);
        blank.AsSpan().Fill((byte)' ');
        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Response.ContentType = Answer.Json;
        var compresses = Compresses(context, bytes);
        if (compresses)
        {
            context.Response.Headers.ContentEncoding = "gzip";
        }

        entry.Status = StatusCodes.Status200OK;
        log.Done(entry);
        var wire = context.Response.Body;
        await using var gzip = compresses ? new GZipStream(wire, CompressionLevel.Fastest, leaveOpen: true) : null;
        var body = gzip ?? wire;
        for (var left = bytes; left > 0; left -= blank.Length)
        {
            await body.WriteAsync(blank.AsMemory(0, (int)Math.Min(left, blank.Length)), cancellationToken);
        }
    }
}
