using System.Collections.Concurrent;
using PhishMe.Engine.Api;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using Serilog;

namespace PhishMe.Engine.Sync;

/// <summary>
/// Fetches threats by id in the formats wanted. One bad record is set aside and stops no other; a failing service ends the run instead,
/// because setting a thousand threats aside would only hide it.
/// </summary>
internal sealed class RenditionFetcher(ThreatHqClient client, SyncPlan plan, ILogger log)
{
    private readonly LocalRendering _local = new(plan);

    /// <summary>The threats asked for, in that order; those that failed in every format are missing.</summary>
    /// <param name="ids">At most one page of ids.</param>
    /// <param name="formats">What to fetch.</param>
    /// <param name="isExpired">Whether a threat first published then (epoch milliseconds) is recorded only.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<FetchedThreats> FetchAsync(
        IReadOnlyList<ThreatId> ids, IReadOnlySet<OutputFormat> formats, Func<long?, bool> isExpired, CancellationToken cancellationToken)
    {
        var fetched = new FetchedThreats();
        try
        {
            var documents = formats.Contains(OutputFormat.Json)
                ? await SearchAsync(ids, fetched, cancellationToken).ConfigureAwait(false)
                : [];
            List<ThreatUnit> units =
            [
                .. ids.Select(id => documents.TryGetValue(id, out var document)
                    ? UnitOf(document) with { Expired = isExpired(document.FirstPublished) }
                    : new ThreatUnit { Id = id }),
            ];
            units = await RenderAsync(units, formats, fetched, cancellationToken).ConfigureAwait(false);
            fetched.Threats.AddRange(units
                .Where(unit => unit.Json is not null || unit.Cef is not null || unit.Stix is not null)
                .Select(unit => unit with { Expired = unit.Expired || isExpired(unit.FirstPublished) }));
            return fetched;
        }
        catch
        {
            fetched.Dispose();
            throw;
        }
    }

    /// <summary>Adds CEF and STIX, as far as wanted, to threats that have none yet; expired ones are left as they are.</summary>
    public async Task<List<ThreatUnit>> RenderAsync(
        IReadOnlyList<ThreatUnit> units, IReadOnlySet<OutputFormat> formats, FetchedThreats fetched, CancellationToken cancellationToken)
    {
        var wanted = new[] { OutputFormat.Cef, OutputFormat.Stix }.Where(formats.Contains).ToArray();
        var downloaded = wanted.Length == 0
            ? units
            : await DownloadAsync(units, wanted, fetched, cancellationToken).ConfigureAwait(false);
        return [.. downloaded.Select(unit => _local.AddTo(unit, fetched.SetAside))];
    }

    private async Task<IReadOnlyList<ThreatUnit>> DownloadAsync(
        IReadOnlyList<ThreatUnit> units, OutputFormat[] wanted, FetchedThreats fetched, CancellationToken cancellationToken)
    {
        var rendered = new ThreatUnit[units.Count];
        var failures = new ConcurrentQueue<(ThreatId Id, OutputFormat Format, ApiException Cause)>();
        var malformed = new ConcurrentQueue<DeadLetter>();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, units.Count),
            new ParallelOptions { MaxDegreeOfParallelism = plan.Concurrency, CancellationToken = cancellationToken },
            async (index, token) =>
            {
                var unit = units[index];
                foreach (var format in unit.Expired ? [] : wanted)
                {
                    try
                    {
                        var body = await client.GetRenditionAsync(unit.Id, format, token).ConfigureAwait(false);
                        unit = format == OutputFormat.Cef ? WithCef(unit, body) : WithStix(unit, body, malformed);
                    }
                    catch (ApiException exception) when (exception.MayConcernOneThreat)
                    {
                        failures.Enqueue((unit.Id, format, exception));
                    }
                }

                rendered[index] = unit;
            }).ConfigureAwait(false);

        if (failures.Any(failure => failure.Cause.Failure != ApiFailure.NotFound))
        {
            await client.PingAsync(cancellationToken).ConfigureAwait(false);
        }

        foreach ((var id, var format, var cause) in failures.OrderBy(failure => failure.Id))
        {
            fetched.SetAside.Add(Aside(id, format, $"{cause.Message} ({cause.Where})"));
        }

        fetched.SetAside.AddRange(malformed.OrderBy(letter => letter.Subject, StringComparer.Ordinal));
        return rendered;
    }

    /// <summary>What is costly about storing a threat is done here, beside other fetches, and not while the batch is committed.</summary>
    public ThreatUnit UnitOf(ThreatDocument document)
    {
        var unit = new ThreatUnit
        {
            Id = document.Id,
            FirstPublished = document.FirstPublished,
            LastPublished = document.LastPublished,
            Json = new Rendition(document.Json, document.Content) { IsCompact = document.IsCompact },
            Reader = plan.Reader,
        };
        if (!plan.KeepThreats && !plan.KeepModel && plan.Local.Count == 0)
        {
            return unit;
        }

        if (unit.Model is Threat threat)
        {
            plan.UnknownTypes.Note(threat);
        }

        return plan.KeepThreats ? unit with { Prepared = PreparedThreat.Of(document, unit.Model) } : unit;
    }

    /// <summary>Whatever the lines say of themselves: they are the answer for this threat.</summary>
    private static ThreatUnit WithCef(ThreatUnit unit, byte[] body)
    {
        CefLine[] lines = [.. CefLineReader.Read(body)];
        return unit with
        {
            FirstPublished = unit.FirstPublished
                ?? lines.Select(line => line.FirstPublished).FirstOrDefault(date => date is not null)?.ToUnixTimeMilliseconds(),
            Cef = CefRendition.Of([.. lines.Select(line => line.Bytes)]),
        };
    }

    private static ThreatUnit WithStix(ThreatUnit unit, byte[] body, ConcurrentQueue<DeadLetter> malformed)
    {
        var package = StixPackageReader.Read(body);
        if (!package.IsWellFormed)
        {
            malformed.Enqueue(Aside(unit.Id, OutputFormat.Stix, $"The STIX package is not valid XML: {package.Error}", body));
            return unit;
        }

        return unit with
        {
            FirstPublished = unit.FirstPublished ?? package.FirstPublished?.ToUnixTimeMilliseconds(),
            Stix = StixRendition.Of(body),
        };
    }

    private static DeadLetter Aside(ThreatId id, OutputFormat format, string reason, byte[]? payload = null) =>
        new() { Place = new ThreatPlace(id), Format = format, Reason = reason, Payload = payload };

    /// <summary>Asks for the ids in one search; compares asked with returned; asks for what is missing one by one.</summary>
    private async Task<Dictionary<ThreatId, ThreatDocument>> SearchAsync(
        IReadOnlyList<ThreatId> ids, FetchedThreats fetched, CancellationToken cancellationToken)
    {
        var documents = new Dictionary<ThreatId, ThreatDocument>(ids.Count);
        await SearchOrBisectAsync(ids, documents, fetched, cancellationToken).ConfigureAwait(false);
        foreach (var id in ids)
        {
            if (!documents.ContainsKey(id) && !fetched.SetAside.Any(letter => letter.Id == id))
            {
                await GetMissingAsync(id, documents, fetched, cancellationToken).ConfigureAwait(false);
            }
        }

        return documents;
    }

    private async Task SearchOrBisectAsync(
        IReadOnlyList<ThreatId> ids, Dictionary<ThreatId, ThreatDocument> documents, FetchedThreats fetched, CancellationToken cancellationToken)
    {
        try
        {
            var page = await client.SearchAsync(
                new SearchQuery { ResultsPerPage = plan.ResultsPerPage, Ids = ids }, cancellationToken).ConfigureAwait(false);
            fetched.Bodies.Add(page);
            Accept(page, ids, documents);
        }
        catch (ApiException exception) when (exception.MayConcernOneThreat)
        {
            await client.PingAsync(cancellationToken).ConfigureAwait(false);
            if (ids.Count == 1)
            {
                fetched.SetAside.Add(Aside(ids[0], OutputFormat.Json, $"{exception.Message} ({exception.Where})"));
                return;
            }

            log.Warning("A search for {Count} ids failed; searching for the bad one", ids.Count);
            var half = ids.Count / 2;
            await SearchOrBisectAsync([.. ids.Take(half)], documents, fetched, cancellationToken).ConfigureAwait(false);
            await SearchOrBisectAsync([.. ids.Skip(half)], documents, fetched, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task GetMissingAsync(
        ThreatId id, Dictionary<ThreatId, ThreatDocument> documents, FetchedThreats fetched, CancellationToken cancellationToken)
    {
        var reason = "The threat does not exist: neither the search nor a request by id returns it.";
        var notFound = true;
        try
        {
            var page = await client.GetThreatAsync(id, cancellationToken).ConfigureAwait(false);
            fetched.Bodies.Add(page);
            Accept(page, [id], documents);
            if (documents.ContainsKey(id))
            {
                return;
            }
        }
        catch (ApiException exception) when (exception.MayConcernOneThreat)
        {
            if (exception.Failure != ApiFailure.NotFound)
            {
                await client.PingAsync(cancellationToken).ConfigureAwait(false);
                reason = $"The search does not return the threat. {exception.Message} ({exception.Where})";
                notFound = false;
            }
        }

        fetched.SetAside.Add(Aside(id, OutputFormat.Json, reason) with { NotFound = notFound });
    }

    private void Accept(SearchPage page, IReadOnlyList<ThreatId> asked, Dictionary<ThreatId, ThreatDocument> documents)
    {
        HashSet<ThreatId> expected = [.. asked];
        foreach (var document in page.Threats)
        {
            if (expected.Contains(document.Id))
            {
                documents[document.Id] = document;
            }
            else
            {
                log.Warning("The API returned {Threat}, which was not requested; skipped", document.Id);
            }
        }
    }
}
