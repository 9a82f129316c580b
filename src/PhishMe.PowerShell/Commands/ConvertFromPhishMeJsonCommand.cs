using System.Management.Automation;
using System.Text;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Commands;

/// <summary>Turns JSON of the API - a line of an append file, a per-threat file - back into threats.</summary>
[Cmdlet(VerbsData.ConvertFrom, "PhishMeJson")]
[OutputType(typeof(Threat))]
public sealed class ConvertFromPhishMeJsonCommand : PhishMeCmdlet
{
    private IIntelligenceEngine? _engine;

    /// <summary>JSON text, one whole threat each: from Get-Content of a file with one object per line, or from Get-Content -Raw of a file per threat.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [AllowEmptyString]
    public string[] InputObject { get; set; } = [];

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        try
        {
            _engine = CreateEngine();
        }
        catch (PhishMeException exception)
        {
            ThrowTerminatingError(ToErrorRecord(exception, null));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var text in InputObject)
        {
            if (string.IsNullOrWhiteSpace(text))
            {
                continue;
            }

            Threat? threat = null;
            try
            {
                threat = _engine!.ReadThreat(Encoding.UTF8.GetBytes(text));
            }
            catch (PhishMeException exception)
            {
                // The API is not to blame for what is in a file.
                WriteError(ToErrorRecord(new PhishMeException(Faults.InputInvalid, exception.Message, innerException: exception), text));
            }

            if (threat is not null)
            {
                Emit(threat);
            }
        }
    }
}
