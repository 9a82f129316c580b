using System.Buffers;
using System.Management.Automation;
using System.Text;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell;

/// <summary>What the <c>ConvertTo-</c> cmdlets share: threats in, text out, one at a time.</summary>
public abstract class ThreatConversionCmdlet : ThreatRenderingCmdlet
{
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private IThreatRenderer? _renderer;

    /// <summary>Threats from Get-PhishMeThreat, Sync-PhishMeIntelligence or ConvertFrom-PhishMeJson.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public Threat[] InputObject { get; set; } = [];

    /// <summary>Whether each line is a string of its own; else a threat is one string.</summary>
    private protected virtual bool EmitsLines => false;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        try
        {
            _renderer = CreateEngine().CreateRenderer(Rendering());
        }
        catch (PhishMeException exception)
        {
            ThrowTerminatingError(ToErrorRecord(exception, null));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var threat in InputObject)
        {
            _buffer.ResetWrittenCount();
            var result = _renderer!.Render(threat, _buffer);
            if (result.LeftOut > 0)
            {
                WriteVerbose($"{threat.Id}: {result.LeftOut} indicators were left out of {Form.Format}: {result.Reasons}.");
            }

            Emit(_buffer.WrittenSpan);
        }
    }

    private void Emit(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var end = EmitsLines ? bytes.IndexOf((byte)'\n') : bytes.Length - 1;
            WriteObject(Encoding.UTF8.GetString(bytes[..end]));
            bytes = bytes[(end + 1)..];
        }
    }
}
