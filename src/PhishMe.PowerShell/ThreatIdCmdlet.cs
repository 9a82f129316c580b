using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Binding;

namespace PhishMe.PowerShell;

/// <summary>What the cmdlets share that take ids of threats from the pipeline and ask for many of them at a time, each once.</summary>
public abstract class ThreatIdCmdlet : PhishMeSessionCmdlet
{
    private protected const string IdSet = "Id";

    /// <summary>Ids that are asked for together.</summary>
    private protected const int IdsPerRequest = 100;

    private readonly List<ThreatId> _waiting = [];
    private readonly HashSet<ThreatId> _asked = [];

    /// <summary>Threat ids: m_ and a number for malware, p_ and a number for phish.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = IdSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ThreatId")]
    [ValidateNotNullOrEmpty]
    [ThreatIdArgument]
    public string[] Id { get; set; } = [];

    /// <summary>Gathers the ids of this record, and asks for them when enough have come together.</summary>
    /// <param name="type">The product of a bare number; null when a bare number is not an id.</param>
    private protected void Collect(ThreatType? type)
    {
        foreach (var text in Id)
        {
            try
            {
                var id = ThreatIdReading.Read(text, type);
                if (_asked.Add(id))
                {
                    _waiting.Add(id);
                }
            }
            catch (PhishMeException exception)
            {
                WriteError(ToErrorRecord(exception, text));
            }
        }

        if (_waiting.Count >= IdsPerRequest)
        {
            FetchWaiting();
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_waiting.Count > 0)
        {
            FetchWaiting();
        }
    }

    /// <summary>Asks for threats.</summary>
    /// <param name="ids">Their ids, each for the first time.</param>
    private protected abstract void Fetch(ThreatId[] ids);

    private void FetchWaiting()
    {
        ThreatId[] ids = [.. _waiting];
        _waiting.Clear();
        Fetch(ids);
    }
}
