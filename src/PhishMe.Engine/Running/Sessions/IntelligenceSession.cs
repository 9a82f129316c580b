using System.Runtime.CompilerServices;
using PhishMe.Engine.Api;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Indicators;
using PhishMe.Engine.Running.Checking;
using PhishMe.Engine.Sync;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using Serilog;
using Serilog.Core;

namespace PhishMe.Engine.Running.Sessions;

/// <summary>One client, one governor and one connection pool for everything a person asks in a shell.</summary>
internal sealed class IntelligenceSession : IIntelligenceSession
{
    /// <summary>Values of one repeated parameter per search: they travel in the URL.</summary>
    private const int ValuesPerSearch = 50;

    private readonly EngineSettings _engine;
    private readonly ApiSettings _api;
    private readonly ThreatHqClient _client;
    private readonly ILogger _log = Logger.None;
    private readonly SyncPlan _plan;
    private bool _disposed;

    private IntelligenceSession(EngineSettings engine, ApiSettings api, ProxySettings? proxy)
    {
        _engine = engine;
        _api = api;
        _client = new ThreatHqClient(api, proxy, $"PhishMe.PowerShell/{engine.Version} (interactive)", engine.Timings, engine.Clock, _log, engine.Step);
        _plan = NamedPositionSync.PlanSince(DateTimeOffset.UnixEpoch) with { ResultsPerPage = api.ResultsPerPage };
        Proxy = proxy?.Https ?? proxy?.Http;
    }

    public Uri BaseUri => _api.BaseUri;

    public string User => $"{_api.User[..Math.Min(4, _api.User.Length / 2)]}…";

    public Uri? Proxy { get; }

    public bool VerifiesTls => _api.VerifyTls;

    public string? ConfigurationPath { get; private init; }

    public IReadOnlyList<string> Warnings { get; private init; } = [];

    public int Requests => _client.Requests;

    public static IntelligenceSession Open(EngineSettings engine, SessionOptions options)
    {
        if (options.ConfigurationPath is null)
        {
            return new IntelligenceSession(engine, SessionSettings.Api(options), SessionSettings.Proxy(options));
        }

        var reading = ConfigurationReader.Read(options.ConfigurationPath, engine.Reading);
        var settings = reading.Settings ?? throw new PhishMeException(reading.Fault!.Kind, reading.Fault.Message, reading.Fault.Where);
        return new IntelligenceSession(engine, settings.Api, settings.Proxy)
        {
            ConfigurationPath = settings.Path,
            // What outputs and schedule have to say is of no concern here.
            Warnings =
            [
                .. reading.Findings
                    .Where(finding => finding.Severity != FindingSeverity.Information && finding.Section is "pm_api" or "local_proxy")
                    .Select(finding => finding.ToString()),
            ],
        };
    }

    public Task<IReadOnlyList<Feed>> ProbeAsync(CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        return _client.GetFeedsAsync(cancellationToken).WithFaultsAsync();
    }

    public IAsyncEnumerable<CheckResult> CheckAsync(CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        return ApiCheck.RunAsync(_client, BaseUri, cancellationToken);
    }

    public IAsyncEnumerable<ThreatBatch> SearchAsync(ThreatQuery query, IProgress<RunProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        ThrowIfDisposed();
        return SearchAsync([query], query.First, [], progress, cancellationToken).WithFaultsAsync(cancellationToken);
    }

    public IAsyncEnumerable<ThreatBatch> SearchIndicatorsAsync(
        IReadOnlyList<string> indicators, ThreatQuery query, IProgress<RunProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(indicators);
        ArgumentNullException.ThrowIfNull(query);
        ThrowIfDisposed();
        var missed = new List<MissedThreat>();
        IReadOnlyList<ThreatQuery> queries = QueriesFor(indicators, query, missed);
        return SearchAsync(queries, query.First, missed, progress, cancellationToken).WithFaultsAsync(cancellationToken);
    }

    public IAsyncEnumerable<ThreatBatch> GetThreatsAsync(
        IReadOnlyList<ThreatId> ids, IProgress<RunProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        ThrowIfDisposed();
        return FetchAsync([.. ids.Distinct()], progress, cancellationToken).WithFaultsAsync(cancellationToken);
    }

    public async IAsyncEnumerable<Indicator> GetIndicatorsAsync(
        DateTimeOffset since, IProgress<RunProgress>? progress, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        var page = 0;
        for (var known = 1; page < known;)
        {
            var total = known;
            var answers = Enumerable.Range(page, known - page).FetchAheadAsync(
                SessionSettings.PagesAhead,
                (index, token) => _client.GetIndicatorsAsync(since, index, _api.ResultsPerPage, token),
                cancellationToken);
            await foreach (var answer in answers.WithFaultsAsync(cancellationToken).ConfigureAwait(false))
            {
                total = answer.TotalPages;
                page++;
                progress?.Report(new RunProgress
                {
                    Activity = "Indicators",
                    Done = Math.Min((long)page * _api.ResultsPerPage, answer.TotalElements),
                    Total = answer.TotalElements,
                });
                foreach (var indicator in answer.Indicators)
                {
                    yield return indicator;
                }
            }

            known = total;
        }
    }

    public async Task<ReadOnlyMemory<byte>> GetReportAsync(ThreatId id, ReportFormat format, CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        if (id.Type != ThreatType.Malware)
        {
            throw new PhishMeException(Faults.ReportNotFound, $"Threat {id} has no report: only malware threats have one.");
        }

        try
        {
            return await _client.GetReportAsync(id.Number, format, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException exception) when (exception.Failure is ApiFailure.NotFound or ApiFailure.ServerError)
        {
            // The API also answers 500 for a report that does not exist (reference/api.md §6).
            throw new PhishMeException(Faults.ReportNotFound, $"Threat {id} has no report. {exception.Message}", exception.Where, exception);
        }
        catch (ApiException exception)
        {
            throw exception.ToFault();
        }
    }

    public IThreatSync OpenSync(string position, DateTimeOffset? since, string? store = null)
    {
        ThrowIfDisposed();
        var key = PositionShelf.Key(position);
        var shelf = new PositionShelf(_engine);
        if (since is null && shelf.Load(key) is null)
        {
            throw new PhishMeException(Faults.PositionMissing, $"The position '{key}' does not exist, so there is nothing to continue from.");
        }

        var held = shelf.Hold(key);
        try
        {
            // Read once more, now that no one else moves it.
            var stored = since is DateTimeOffset start
                ? new StoredPosition { Name = key, UpdatedAt = _engine.Clock.GetUtcNow(), Since = start.ToUniversalTime() }
                : shelf.Load(key) ?? throw new PhishMeException(Faults.PositionMissing, $"The position '{key}' does not exist, so there is nothing to continue from.");
            if (stored.BaseUri is Uri other && other != BaseUri)
            {
                throw new PhishMeException(Faults.PositionRefused, $"The position '{key}' belongs to {other}, but this session is connected to {BaseUri}.");
            }

            return new NamedPositionSync(
                _client, _engine, _log, shelf, held, stored with { BaseUri = BaseUri }, store is null ? null : SyncStore.Open(_engine.States, store, _engine.Clock));
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    public ValueTask DisposeAsync()
    {
        _disposed = true;
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private async IAsyncEnumerable<ThreatBatch> SearchAsync(
        IReadOnlyList<ThreatQuery> queries,
        int? first,
        List<MissedThreat> missed,
        IProgress<RunProgress>? progress,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (missed.Count > 0)
        {
            yield return new ThreatBatch { Threats = [], Missed = missed };
        }

        // A threat that several searches find, or that is seen twice because pages shift, is handed over once.
        var seen = new HashSet<ThreatId>();
        var search = new ThreatSearch(_client, SessionSettings.PagesAhead);
        for (var number = 0; number < queries.Count && !(seen.Count >= first); number++)
        {
            var query = ToSearch(queries[number]);
            // One search knows its total; of several, the next one's is not known yet.
            await foreach (var page in InEitherSpellingAsync(search, query, first, cancellationToken).ConfigureAwait(false))
            {
                var batch = Read(page, seen, first);
                var total = Math.Min(page.TotalElements, first ?? long.MaxValue);
                progress?.Report(queries.Count == 1
                    ? new RunProgress { Activity = "Threats", Done = Math.Min(seen.Count, total), Total = total }
                    : new RunProgress { Activity = "Searches", Done = number, Total = queries.Count });
                yield return batch;
                if (seen.Count >= first)
                {
                    break;
                }
            }
        }
    }

    private async IAsyncEnumerable<SearchPage> InEitherSpellingAsync(
        ThreatSearch search, SearchQuery query, int? first, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (SearchFields.InOlderSpelling(query.Fields) is { } older && await IsRefusedAsync(query, cancellationToken).ConfigureAwait(false))
        {
            query = query with { Fields = older };
        }

        await foreach (var page in search.ReadAsync(query, first, cancellationToken).ConfigureAwait(false))
        {
            yield return page;
        }
    }

    private async Task<bool> IsRefusedAsync(SearchQuery query, CancellationToken cancellationToken)
    {
        try
        {
            using var page = await _client.SearchAsync(query with { ResultsPerPage = 1 }, cancellationToken).ConfigureAwait(false);
            return false;
        }
        catch (ApiException exception) when (exception.Failure == ApiFailure.Refused)
        {
            return true;
        }
    }

    private static ThreatBatch Read(SearchPage page, HashSet<ThreatId> seen, int? first)
    {
        using (page)
        {
            var threats = new List<Threat>(page.Threats.Count);
            List<MissedThreat> missed =
            [
                .. page.Unreadable.Select(unreadable => new MissedThreat
                {
                    Subject = "a threat of the search",
                    Fault = new Fault { Kind = Faults.ApiAnswerInvalid, Message = unreadable.Reason },
                }),
            ];
            foreach (var document in page.Threats)
            {
                if (seen.Count >= first)
                {
                    break;
                }

                if (seen.Add(document.Id))
                {
                    Add(document.Id, document.Json, threats, missed);
                }
            }

            return new ThreatBatch { Threats = threats, Missed = missed };
        }
    }

    private async IAsyncEnumerable<ThreatBatch> FetchAsync(
        IReadOnlyList<ThreatId> ids, IProgress<RunProgress>? progress, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var fetcher = new RenditionFetcher(_client, _plan, _log);
        var done = 0;
        await foreach (var fetched in ids.Chunk(_plan.ResultsPerPage).FetchAheadAsync(
            SessionSettings.PagesAhead, (chunk, token) => fetcher.FetchAsync(chunk, _plan.Formats, _ => false, token), cancellationToken)
            .ConfigureAwait(false))
        {
            using (fetched)
            {
                var threats = new List<Threat>(fetched.Threats.Count);
                List<MissedThreat> missed = [.. fetched.SetAside.Select(MissedThreats.Of)];
                foreach (var unit in fetched.Threats)
                {
                    Add(unit.Id, unit.Json!.Value.Bytes, threats, missed);
                }

                done = Math.Min(done + _plan.ResultsPerPage, ids.Count);
                progress?.Report(new RunProgress { Activity = "Threats", Done = done, Total = ids.Count });
                yield return new ThreatBatch { Threats = threats, Missed = missed };
            }
        }
    }

    // The bytes are slices of a pooled buffer, and the threat outlives it.
    private static void Add(ThreatId id, ReadOnlyMemory<byte> json, List<Threat> threats, List<MissedThreat> missed)
    {
        try
        {
            threats.Add(ThreatReader.Read(json.ToArray()));
        }
        catch (PhishMeException exception)
        {
            missed.Add(new MissedThreat { Subject = id.ToString(), Fault = exception.Fault });
        }
    }

    private SearchQuery ToSearch(ThreatQuery query) => new()
    {
        Type = query.Type,
        Begin = query.PublishedAfter,
        End = query.PublishedBefore,
        ResultsPerPage = Math.Min(_api.ResultsPerPage, query.First ?? int.MaxValue),
        Fields = SearchFields.Of(query),
    };

    private static List<ThreatQuery> QueriesFor(IReadOnlyList<string> indicators, ThreatQuery query, List<MissedThreat> missed)
    {
        List<string> domains = [], addresses = [], md5 = [], mails = [];
        var single = new List<ThreatQuery>();
        foreach (var indicator in indicators.Where(IsGiven).Distinct(StringComparer.Ordinal))
        {
            _ = IndicatorNormalizer.TryDetect(indicator, out var kind, out var normalized);
            switch (kind)
            {
                // As written but for the defanging: the normal form of a URL adds a slash, and the search looks for the very text.
                case IndicatorKind.Url: single.Add(query with { Url = Defanged.Refang(indicator) }); break;
                case IndicatorKind.Domain: domains.Add(normalized); break;
                case IndicatorKind.IPv4 or IndicatorKind.IPv6: addresses.Add(normalized); break;
                case IndicatorKind.Md5: md5.Add(normalized); break;
                case IndicatorKind.Email: mails.Add(normalized); break;
                case IndicatorKind.Unknown or IndicatorKind.Subject:
                    missed.Add(new MissedThreat
                    {
                        Subject = indicator,
                        Fault = new Fault { Kind = Faults.IndicatorNotRecognized, Message = $"'{indicator}' is not an indicator." },
                    });
                    break;
                default: single.Add(query with { Hash = normalized }); break;
            }
        }

        return
        [
            .. domains.Chunk(ValuesPerSearch).Select(values => query with { Domain = values }),
            .. addresses.Chunk(ValuesPerSearch).Select(values => query with { Ip = values }),
            .. md5.Chunk(ValuesPerSearch).Select(values => query with { Md5 = values }),
            .. mails.Chunk(ValuesPerSearch).Select(values => query with { WatchListEmail = values }),
            .. mails.Select(value => query with { DropMail = value }),
            .. single,
        ];
    }

    // Lists of indicators come from files with blank lines and comments.
    private static bool IsGiven(string indicator) => !string.IsNullOrWhiteSpace(indicator) && !indicator.TrimStart().StartsWith('#');

    private void ThrowIfDisposed()
    {
        if (_disposed)
        {
            throw new PhishMeException(Faults.NotConnected, "The session was disconnected.", BaseUri.ToString());
        }
    }
}
