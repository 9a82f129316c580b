using System.Management.Automation;
using System.Text;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Completion;
using PhishMe.PowerShell.Pumping;

namespace PhishMe.PowerShell.Commands;

/// <summary>Delivers threats of the pipeline to one destination of a configuration, and records it, so that the next run does not deliver them again.</summary>
[Cmdlet(VerbsData.Publish, "PhishMeThreat", SupportsShouldProcess = true)]
[OutputType(typeof(PublishedThreat))]
public sealed class PublishPhishMeThreatCommand : PhishMeCmdlet
{
    private readonly List<Threat> _threats = [];
    private IIntelligenceEngine? _reader;

    /// <summary>Threats, or JSON with one whole threat per string.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [AllowEmptyString]
    public PSObject[] InputObject { get; set; } = [];

    /// <summary>Id of the destination, as Get-PhishMeDestination shows it.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DestinationCompleter))]
    public string Destination { get; set; } = string.Empty;

    /// <summary>Path of the configuration file. Default: <c>config.ini</c> in the current location. Taken literally.</summary>
    [Parameter]
    [Alias("Path")]
    [ValidateNotNullOrEmpty]
    public string ConfigPath { get; set; } = "config.ini";

    /// <summary>Send also what the destination already has, what is older than what it has, and what was withdrawn since.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Emit an object for each threat that says what became of it.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var item in InputObject)
        {
            switch (item.BaseObject)
            {
                case Threat threat:
                    _threats.Add(threat);
                    break;
                case string text when string.IsNullOrWhiteSpace(text):
                    break;
                case string text:
                    Read(text);
                    break;
                default:
                    WriteError(ToErrorRecord(
                        new PhishMeException(Faults.InputInvalid, $"An object of the type {item.BaseObject.GetType()} is neither a threat nor JSON."), item));
                    break;
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        // Only now: a run must not wait for a slow pipeline, and what is to be done is known as a whole.
        if (_threats.Count == 0 || !ShouldProcess($"destination '{Destination}'", $"Publish {_threats.Count} threat(s)"))
        {
            return;
        }

        DoOrEnd(
            () =>
            {
                var request = new PublishRequest { ConfigurationPath = ResolveFile(ConfigPath), Destination = Destination, Threats = _threats, Force = Force };
                RunOperation((engine, writer, cancellation) => PublishAsync(engine, request, writer, cancellation));
            },
            Destination);
    }

    private async Task PublishAsync(IIntelligenceEngine engine, PublishRequest request, PumpWriter writer, CancellationToken cancellation)
    {
        var result = await engine.PublishAsync(request, writer, cancellation).ConfigureAwait(false);
        foreach (var warning in result.Warnings)
        {
            await writer.WriteAsync(new PumpWarning(warning)).ConfigureAwait(false);
        }

        foreach (var threat in result.Threats)
        {
            await ReportAsync(writer, threat).ConfigureAwait(false);
        }

        if (result.Fault is Fault fault)
        {
            await writer.WriteAsync(new PumpFault(fault, Destination)).ConfigureAwait(false);
        }
    }

    private async Task ReportAsync(PumpWriter writer, PublishedThreat threat)
    {
        var kind = threat.Outcome switch
        {
            PublishOutcome.Rejected => Faults.ThreatRejected,
            PublishOutcome.Skipped => Faults.ThreatNotPublished,
            _ => null,
        };
        if (kind is not null)
        {
            await writer.WriteAsync(new PumpFault(new Fault { Kind = kind, Message = $"{threat.Id}: {threat.Reason}", Where = threat.Destination }, threat.Id)).ConfigureAwait(false);
        }

        if (PassThru)
        {
            await writer.WriteAsync(new PumpItem(threat)).ConfigureAwait(false);
        }
    }

    private void Read(string text)
    {
        try
        {
            _threats.Add((_reader ??= CreateEngine()).ReadThreat(Encoding.UTF8.GetBytes(text)));
        }
        catch (PhishMeException exception)
        {
            // The API is not to blame for what is in a file.
            WriteError(ToErrorRecord(new PhishMeException(Faults.InputInvalid, exception.Message, innerException: exception), text));
        }
    }
}
