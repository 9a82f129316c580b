using System.Text;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Syslog;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.Sqlite;
using PhishMe.Intelligence;
using Serilog;

namespace PhishMe.Engine.Destinations.Queues;

/// <summary>
/// Events for a collector wait in the state file, in order, until the collector has them: a collector that is down or slow never stops the sync,
/// and a kill repeats at most the batch in flight.
/// </summary>
internal sealed class SyslogOutbox : IAsyncDisposable
{
    /// <summary>Events handed over, and confirmed, at a time; fewer where <c>max_eps</c> is low, so that a batch is done within seconds.</summary>
    private const int LargestBatch = 2000;
    private const int BatchSeconds = 10;

    /// <summary>A collector that takes longer for a batch, its own time by <c>max_eps</c> included, is too slow.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private readonly SyslogSettings _settings;
    private readonly StateStore _state;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Action<string>? _step;
    private readonly SyslogSender _sender;
    private readonly long _bound;
    private readonly int _batchSize;
    private (long Waiting, long Dropped) _now;
    private (long Waiting, long Dropped) _committed;

    public SyslogOutbox(SyslogSettings settings, StateStore state, TimeProvider clock, ILogger log, Action<string>? step)
    {
        _settings = settings;
        _state = state;
        _clock = clock;
        _log = log;
        _step = step;
        _bound = settings.OutboxMaximumMegabytes * 1024L * 1024L;
        _batchSize = Math.Min(LargestBatch, settings.MaximumEventsPerSecond * BatchSeconds);
        _now = _committed = (state.OutboxBytes(), 0);
        _sender = new SyslogSender(EndpointOf(settings), clock);
    }

    /// <summary>Why the collector did not take everything; null when it did.</summary>
    public Fault? Failure { get; private set; }

    /// <summary>Events that gave way because the outbox was full.</summary>
    public long Dropped => _committed.Dropped;

    /// <summary>Events the collector took in this run.</summary>
    public long Sent { get; private set; }

    /// <summary>Events set aside in this run, because no repetition can deliver them.</summary>
    public int Rejected { get; private set; }

    /// <summary>Half full: a long backfill should hand events over before it goes on.</summary>
    public bool IsFilling => _now.Waiting > _bound / 2;

    public static SyslogEndpoint EndpointOf(SyslogSettings settings) => new()
    {
        Host = settings.Host,
        Port = settings.Port,
        Transport = settings.Transport,
        Framing = settings.Framing,
        TcpFraming = settings.TcpFraming,
        MaximumEventsPerSecond = settings.MaximumEventsPerSecond,
        Facility = settings.Facility,
        Severity = settings.Severity,
        AuthorityFile = settings.AuthorityFile,
        ClientCertificateFile = settings.ClientCertificate?.File,
        ClientKeyFile = settings.ClientCertificate?.KeyFile,
        ClientKeyPassword = settings.ClientCertificate?.Password,
        ServerName = settings.ServerName,
    };

    /// <summary>Events that wait.</summary>
    public long Count() => _state.OutboxCount();

    /// <summary>Puts events at the end of the queue; part of the transaction of their batch.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="lines">Events, each ended by LF.</param>
    public void Add(StateTransaction transaction, ReadOnlySpan<byte> lines)
    {
        foreach (var range in lines.Split((byte)'\n'))
        {
            var line = lines[range];
            if (!line.IsEmpty)
            {
                transaction.AddToOutbox(line.ToArray());
                _now.Waiting += line.Length;
            }
        }

        while (_now.Waiting > _bound)
        {
            var freed = transaction.DropOldestFromOutbox();
            if (freed == 0)
            {
                break;
            }

            _now.Waiting -= freed;
            _now.Dropped++;
        }
    }

    /// <summary>The transaction is committed.</summary>
    public void Commit() => _committed = _now;

    /// <summary>The transaction was rolled back.</summary>
    public void RollBack() => _now = _committed;

    /// <summary>Puts a sign of life at the end of the queue, because SIEM content alerts on silence.</summary>
    public void AddHeartbeat(string runId)
    {
        if (!_settings.Heartbeat)
        {
            return;
        }

        using var transaction = _state.Begin();
        Add(transaction, Encoding.UTF8.GetBytes(FormattableString.Invariant(
            $"CEF:0|PhishMe|Intelligence|1.0|heartbeat|Heartbeat|0|cat=Heartbeat rt={_clock.GetUtcNow().ToUnixTimeMilliseconds()} cs1Label=Run cs1={runId}")));
        transaction.Commit();
        Commit();
    }

    /// <summary>
    /// Hands over what waits, oldest first, until nothing waits, the collector fails, or it is enough. Never throws for the collector.
    /// </summary>
    /// <param name="enough">Looked at between batches: a batch cut short would have to be repeated.</param>
    /// <param name="cancellationToken">Ends it at once; the batch in flight counts as not sent.</param>
    public async Task DrainAsync(Func<bool> enough, CancellationToken cancellationToken)
    {
        Failure = null;
        while (!enough() && _state.OutboxPage(_batchSize) is { Count: > 0 } page)
        {
            SyslogDelivery? delivery;
            try
            {
                delivery = await HandOverAsync(page, cancellationToken).ConfigureAwait(false);
            }
            catch (PhishMeException exception)
            {
                Failure = exception.Fault;
                _log.Error("{Fault}", exception.Fault.ToString());
                return;
            }

            Remove(page, delivery);
        }
    }

    public ValueTask DisposeAsync() => _sender.DisposeAsync();

    /// <summary>Sends one batch and waits for the sign that it has arrived.</summary>
    /// <exception cref="PhishMeException">It has not, as far as anybody knows.</exception>
    private async Task<SyslogDelivery> HandOverAsync(IReadOnlyList<OutboxEvent> page, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            var delivery = await _sender.SendAsync(
                [.. page.Select(item => (ReadOnlyMemory<byte>)item.Bytes)], either.Token).ConfigureAwait(false);
            _step?.Invoke("syslog-sent");
            if (delivery.Failure is not null)
            {
                throw delivery.Failure;
            }

            var confirmation = await _sender.ConfirmAsync(either.Token).ConfigureAwait(false);
            _step?.Invoke("syslog-confirmed");
            return confirmation.Failure is null ? delivery : throw confirmation.Failure;
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new PhishMeException(
                Faults.SyslogUnreachable,
                FormattableString.Invariant($"The collector is too slow: it did not accept {page.Count} event(s) within {Patience.TotalSeconds:0} s."),
                EndpointOf(_settings).ToString(),
                exception);
        }
    }

    private void Remove(IReadOnlyList<OutboxEvent> page, SyslogDelivery delivery)
    {
        using var transaction = _state.Begin();
        foreach (var rejection in delivery.Rejected)
        {
            var bytes = page[rejection.Index].Bytes;
            transaction.SetAside(
                new DeadLetter
                {
                    Subject = FormattableString.Invariant($"syslog event {page[rejection.Index].Sequence}"),
                    Format = OutputFormat.Cef,
                    Reason = rejection.Message,
                    Payload = bytes,
                },
                _clock.GetUtcNow());
            _log.Warning("Event {Sequence} is set aside: {Reason}", page[rejection.Index].Sequence, rejection.Message);
        }

        transaction.RemoveFromOutbox(page[^1].Sequence);
        transaction.Commit();
        _step?.Invoke("syslog-removed");
        _now.Waiting -= page.Sum(item => (long)item.Bytes.Length);
        Commit();
        Sent += delivery.Sent;
        Rejected += delivery.Rejected.Count;
        if (delivery.Oversized > 0)
        {
            _log.Warning("{Count} event(s) are larger than receivers have to accept", delivery.Oversized);
        }
    }
}
