using System.Management.Automation;
using System.Text;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Commands;

/// <summary>Converts JSON of the API, such as a line of an append file or a per-threat file, to threats.</summary>
[Cmdlet(VerbsData.ConvertFrom, "PhishMeJson")]
[OutputType(typeof(Threat))]
public sealed class ConvertFromPhishMeJsonCommand : PhishMeCmdlet
{
    private IIntelligenceEngine? _engine;

    /// <summary>JSON text with one whole threat per string: from Get-Content for a file with one object per line, from Get-Content -Raw for a file with one threat.</summary>
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
