using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Completion;
using PhishMe.PowerShell.Pumping;

namespace PhishMe.PowerShell.Commands;

/// <summary>Emits the named positions of this user. Needs no session.</summary>
[Cmdlet(VerbsCommon.Get, "PhishMePosition")]
[OutputType(typeof(NamedPosition))]
public sealed class GetPhishMePositionCommand : PhishMeCmdlet
{
    /// <summary>Names of positions. Wildcards are allowed. Default: all.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(PositionCompleter))]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => RunOrEnd(async (engine, writer, _) =>
    {
        var positions = engine.Positions.List();
        foreach (var name in Name ?? ["*"])
        {
            WildcardPattern pattern = new(name, WildcardOptions.IgnoreCase);
            var any = Name is null;
            foreach (var position in positions.Where(position => pattern.IsMatch(position.Name)))
            {
                any = true;
                await writer.WriteAsync(new PumpItem(position)).ConfigureAwait(false);
            }

            if (!any)
            {
                Fault fault = new() { Kind = Faults.PositionMissing, Message = $"The position '{name}' does not exist." };
                await writer.WriteAsync(new PumpFault(fault, name)).ConfigureAwait(false);
            }
        }
    });
}
