using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Binding;
using PhishMe.PowerShell.Completion;
using PhishMe.PowerShell.Pumping;

namespace PhishMe.PowerShell.Commands;

/// <summary>Sets a named position to a time or to a position of the server. Creates it if necessary. Needs no session.</summary>
[Cmdlet(VerbsCommon.Set, "PhishMePosition", DefaultParameterSetName = SinceSet, SupportsShouldProcess = true)]
[OutputType(typeof(NamedPosition))]
public sealed class SetPhishMePositionCommand : PhishMeCmdlet
{
    private const string SinceSet = "Since";
    private const string ValueSet = "Value";

    /// <summary>Name of the position.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PositionCompleter))]
    public string Name { get; set; } = NamedPosition.DefaultName;

    /// <summary>Make the next sync start with threats published at this time or later. A time without a zone is UTC.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SinceSet)]
    public DateTime Since { get; set; }

    /// <summary>Make the next sync continue from this position of the server, such as the one in a config.ini.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ValueSet)]
    [ValidateNotNullOrEmpty]
    public string Value { get; set; } = string.Empty;

    /// <summary>Emit the position.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var byTime = ParameterSetName == SinceSet;
        var since = PointInTime.Of(Since);
        if (!ShouldProcess($"position '{Name}'", byTime ? $"Set to {since:u}" : $"Set to {Value}"))
        {
            return;
        }

        try
        {
            RunOperation(async (engine, writer, _) =>
            {
                var position = byTime ? engine.Positions.Put(Name, since) : engine.Positions.Put(Name, Value);
                if (PassThru)
                {
                    await writer.WriteAsync(new PumpItem(position)).ConfigureAwait(false);
                }
            });
        }
        catch (PhishMeException exception)
        {
            WriteError(ToErrorRecord(exception, Name));
        }
    }
}
