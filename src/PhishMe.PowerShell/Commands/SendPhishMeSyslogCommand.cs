using System.Buffers;
using System.Management.Automation;
using System.Text;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Pumping;

namespace PhishMe.PowerShell.Commands;

/// <summary>Sends threats as CEF, or finished events, to a syslog collector.</summary>
[Cmdlet(VerbsCommunications.Send, "PhishMeSyslog", SupportsShouldProcess = true, DefaultParameterSetName = HostSet)]
[OutputType(typeof(EventDelivery), ParameterSetName = [HostSet, ConfigurationSet])]
public sealed class SendPhishMeSyslogCommand : PhishMeCmdlet
{
    private const string HostSet = "Host";
    private const string ConfigurationSet = "Configuration";

    // Enough to fill the pipe, few enough for -Verbose and Ctrl+C to feel alive.
    private const int BatchSize = 250;

    private readonly List<ReadOnlyMemory<byte>> _batch = [];
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private IThreatRenderer? _renderer;
    private IEventSender? _sender;
    private int _sent;

    /// <summary>Threats, which are sent as CEF, or strings, which are sent as they are but for control characters.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    public PSObject[] InputObject { get; set; } = [];

    /// <summary>Name or address of the collector.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = HostSet)]
    [Alias("Host", "Server")]
    [ValidateNotNullOrEmpty]
    public string ComputerName { get; set; } = string.Empty;

    /// <summary>Port of the collector. Default: 514, or 6514 for TLS.</summary>
    [Parameter(ParameterSetName = HostSet)]
    [ValidateRange(1, 65535)]
    public int Port { get; set; }

    /// <summary>Transport of the events: Udp, Tcp or Tls.</summary>
    [Parameter(ParameterSetName = HostSet)]
    public EventTransport Transport { get; set; }

    /// <summary>Header before an event: Legacy (only the priority), Rfc3164 or Rfc5424.</summary>
    [Parameter(ParameterSetName = HostSet)]
    public EventFraming Framing { get; set; }

    /// <summary>How events are separated on a connection: LineFeed, or OctetCount, which is the default for TLS.</summary>
    [Parameter(ParameterSetName = HostSet)]
    public EventDelimiting Delimiting { get; set; }

    /// <summary>PEM file with certificate authorities to trust for the collector. Default: those of the system.</summary>
    [Parameter(ParameterSetName = HostSet)]
    [ValidateNotNullOrEmpty]
    public string? CertificateAuthorityPath { get; set; }

    /// <summary>Maximum number of events per second.</summary>
    [Parameter(ParameterSetName = HostSet)]
    [ValidateRange(1, 1000)]
    public int MaximumRate { get; set; } = 500;

    /// <summary>The config.ini whose section [integration_raw_cef] or [output_cef] names the collector. Taken literally.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ConfigurationSet)]
    [ValidateNotNullOrEmpty]
    public string ConfigPath { get; set; } = string.Empty;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        var target = ParameterSetName == ConfigurationSet ? ConfigPath : ComputerName;
        try
        {
            if (ParameterSetName == ConfigurationSet)
            {
                var path = ResolveFile(ConfigPath);

                // On the pump, which can look up secret:NAME.
                RunOperation((engine, _, _) => Task.FromResult(_sender = engine.CreateEventSender(path)));
            }
            else
            {
                _sender = CreateEngine().CreateEventSender(Target());
            }

            _renderer = CreateEngine().CreateRenderer(new RenderingOptions { Format = RenderingFormat.Cef });
        }
        catch (PhishMeException exception)
        {
            ThrowTerminatingError(ToErrorRecord(exception, target));
        }

        if (!ShouldProcess(target, "Send events by syslog"))
        {
            _renderer = null;
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (_renderer is null)
        {
            return;
        }

        foreach (var item in InputObject)
        {
            switch (item.BaseObject)
            {
                case Threat threat:
                    _buffer.ResetWrittenCount();
                    _renderer.Render(threat, _buffer);
                    Add(_buffer.WrittenSpan);
                    break;
                case string text:
                    Add(Encoding.UTF8.GetBytes(text));
                    break;
                default:
                    WriteError(ToErrorRecord(
                        new PhishMeException(Faults.InputInvalid, $"An object of the type {item.BaseObject.GetType()} is neither a threat nor a string."), item));
                    break;
            }
        }

        if (_batch.Count >= BatchSize)
        {
            Send();
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_renderer is null)
        {
            return;
        }

        Send();
        Operate(async (writer, cancellation) =>
            await writer.WriteAsync(new PumpItem(await _sender!.ConfirmAsync(cancellation).ConfigureAwait(false))).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && _sender is not null)
        {
            // Closing in order waits for the collector; after Ctrl+C there is no time for that, and after a confirmation there is nothing to wait for.
            _ = _sender.DisposeAsync().AsTask();
            _sender = null;
        }

        base.Dispose(disposing);
    }

    private SyslogCollector Target() => new()
    {
        Host = ComputerName,
        Port = Port == 0 ? null : Port,
        Transport = Transport,
        Framing = Framing,
        Delimiting = MyInvocation.BoundParameters.ContainsKey(nameof(Delimiting)) ? Delimiting : null,
        AuthorityFile = CertificateAuthorityPath is null ? null : ResolveFile(CertificateAuthorityPath, Faults.PathInvalid),
        MaximumRate = MaximumRate,
    };

    private void Add(ReadOnlySpan<byte> lines)
    {
        foreach (var range in lines.Split((byte)'\n'))
        {
            var line = lines[range].TrimEnd((byte)'\r');
            if (!line.IsEmpty)
            {
                _batch.Add(line.ToArray());
            }
        }
    }

    private void Send()
    {
        if (_batch.Count == 0)
        {
            return;
        }

        Operate(async (writer, cancellation) =>
        {
            foreach ((var index, var reason) in await _sender!.SendAsync(_batch, cancellation).ConfigureAwait(false))
            {
                await writer.WriteAsync(new PumpFault(
                    new Fault { Kind = Faults.InputInvalid, Message = reason }, Encoding.UTF8.GetString(_batch[index].Span))).ConfigureAwait(false);
            }

            _sent += _batch.Count;
            writer.Report(new RunProgress { Activity = $"{_sent} events sent", Done = _sent });
        });
        _batch.Clear();
    }

    private void Operate(Func<PumpWriter, CancellationToken, Task> operation)
    {
        try
        {
            RunOperation((_, writer, cancellation) => operation(writer, cancellation));
        }
        catch (PhishMeException exception)
        {
            // What cannot be sent now cannot be sent with the next batch either.
            ThrowTerminatingError(ToErrorRecord(exception, exception.Fault.Where));
        }
    }
}
