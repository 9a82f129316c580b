using System.Text;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.State;
using PhishMe.Intelligence;
using Serilog;

namespace PhishMe.Engine.Delivery.Syslog;

/// <summary>
/// Events for a collector wait in the state file, in order, until the collector has them: a collector that is down or slow never stops the sync,
/// and a kill repeats at most the batch in flight.
/// </summary>
internal sealed class SyslogOutbox : IAsyncDisposable
{
    /// <summary>Events handed over, and confirmed, at a time.</summary>
    private const int BatchSize = 2000;

    private readonly SyslogSettings _settings;
    private readonly StateStore _state;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Action<string>? _step;
    private readonly SyslogSender _sender;
    private readonly long _bound;
    private long _waiting;

    public SyslogOutbox(SyslogSettings settings, StateStore state, TimeProvider clock, ILogger log, Action<string>? step)
    {
        _settings = settings;
        _state = state;
        _clock = clock;
        _log = log;
        _step = step;
        _bound = settings.OutboxMaximumMegabytes * 1024L * 1024L;
        _waiting = state.OutboxBytes();
        _sender = new SyslogSender(EndpointOf(settings), clock);
    }

    /// <summary>Why the collector did not take everything; null when it did.</summary>
    public Fault? Failure { get; private set; }

    /// <summary>Events that gave way because the outbox was full.</summary>
    public long Dropped { get; private set; }

    /// <summary>Events the collector took in this run.</summary>
    public long Sent { get; private set; }

    /// <summary>Half full: a long backfill should hand events over before it goes on.</summary>
    public bool IsFilling => _waiting > _bound / 2;

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

    /// <summary>Puts lines at the end of the line; part of the transaction of their batch.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="lines">Events, each ended by LF.</param>
    public void Add(StateTransaction transaction, ReadOnlySpan<byte> lines)
    {
        foreach (Range range in lines.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = lines[range];
            if (!line.IsEmpty)
            {
                transaction.AddToOutbox(line.ToArray());
                _waiting += line.Length;
            }
        }

        while (_waiting > _bound)
        {
            long freed = transaction.DropOldestFromOutbox();
            if (freed == 0)
            {
                break;
            }

            _waiting -= freed;
            Dropped++;
        }
    }

    /// <summary>Puts a sign of life at the end of the line, because SIEM content alerts on silence.</summary>
    public void AddHeartbeat(string runId)
    {
        if (!_settings.Heartbeat)
        {
            return;
        }

        using StateTransaction transaction = _state.Begin();
        Add(transaction, Encoding.UTF8.GetBytes(FormattableString.Invariant(
            $"CEF:0|PhishMe|Intelligence|1.0|heartbeat|Heartbeat|0|cat=Heartbeat rt={_clock.GetUtcNow().ToUnixTimeMilliseconds()} cs1Label=Run cs1={runId}")));
        transaction.Commit();
    }

    /// <summary>Hands over what waits, oldest first, until nothing waits or the collector fails. Never throws for the collector.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        Failure = null;
        while (_state.OutboxPage(BatchSize) is { Count: > 0 } page)
        {
            SyslogDelivery delivery;
            SyslogConfirmation confirmation;
            try
            {
                delivery = await _sender.SendAsync([.. page.Select(item => (ReadOnlyMemory<byte>)item.Bytes)], cancellationToken).ConfigureAwait(false);
                _step?.Invoke("syslog-sent");
                confirmation = delivery.Failure is null
                    ? await _sender.ConfirmAsync(cancellationToken).ConfigureAwait(false)
                    : new SyslogConfirmation(SyslogProof.Broken, 0, delivery.Failure);
            }
            catch (PhishMeException exception)
            {
                Failure = exception.Fault;
                _log.Error("{Fault}", exception.Fault.ToString());
                return;
            }

            if ((delivery.Failure ?? confirmation.Failure) is PhishMeException failure)
            {
                Failure = failure.Fault;
                _log.Error("{Fault}", failure.Fault.ToString());
                return;
            }

            Remove(page, delivery);
        }
    }

    public ValueTask DisposeAsync() => _sender.DisposeAsync();

    private void Remove(IReadOnlyList<OutboxEvent> page, SyslogDelivery delivery)
    {
        using StateTransaction transaction = _state.Begin();
        foreach (SyslogRejection rejection in delivery.Rejected)
        {
            byte[] bytes = page[rejection.Index].Bytes;
            transaction.SetAside(
                new DeadLetter
                {
                    Subject = FormattableString.Invariant($"syslog event {page[rejection.Index].Sequence}"),
                    Format = OutputFormat.Cef,
                    Reason = rejection.Message,
                    Payload = bytes,
                },
                _clock.GetUtcNow());
        }

        transaction.RemoveFromOutbox(page[^1].Sequence);
        transaction.Commit();
        _waiting -= page.Sum(item => (long)item.Bytes.Length);
        Sent += delivery.Sent;
        if (delivery.Oversized > 0)
        {
            _log.Warning("{Count} event(s) are larger than receivers are bound to take", delivery.Oversized);
        }
    }
}
