using System.Diagnostics.CodeAnalysis;
using System.Management.Automation;
using System.Text;
using System.Text.Json;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Commands;

/// <summary>Converts JSON of the API, such as a line of an append file or a per-threat file, to threats.</summary>
[Cmdlet(VerbsData.ConvertFrom, "PhishMeJson")]
[OutputType(typeof(Threat))]
public sealed class ConvertFromPhishMeJsonCommand : PhishMeCmdlet
{
    /// <summary>Levels of nesting that a threat may have.</summary>
    private const int MostLevels = 1003;

    private readonly JsonRecords _records = new();
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

            // A whole threat on a line of its own is never a part of what was begun before: that one was cut off.
            if (_records.IsInside && text.StartsWith('{') && text.TrimEnd().EndsWith('}') && TryRead(text, out var threat))
            {
                ReportCutOff();
                Emit(threat);
            }
            else if (_records.Add(text, out var record))
            {
                Convert(record);
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_records.IsInside)
        {
            ReportCutOff();
        }
    }

    private void Convert(string record)
    {
        // ConvertTo-Json writes what lies deeper than -Depth as text, and the threat would lack it.
        if (record.Contains("\"@{", StringComparison.Ordinal) || record.Contains("\"System.Object[]\"", StringComparison.Ordinal))
        {
            WriteWarning("The JSON was cut at a depth: parts of it are text such as \"@{...}\" instead of objects, and are not read. Use ConvertTo-Json -Depth 100.");
        }

        if (record.StartsWith('['))
        {
            ConvertArray(record);
            return;
        }

        try
        {
            Emit(_engine!.ReadThreat(Encoding.UTF8.GetBytes(record)));
        }
        catch (PhishMeException exception)
        {
            ReportInvalid(exception, record);
        }
    }

    private void ConvertArray(string record)
    {
        try
        {
            using var array = JsonDocument.Parse(record, new JsonDocumentOptions { MaxDepth = MostLevels });
            foreach (var element in array.RootElement.EnumerateArray())
            {
                Convert(element.GetRawText() is ['{', ..] threat ? threat : $" {element.GetRawText()}");
            }
        }
        catch (JsonException exception)
        {
            ReportInvalid(new PhishMeException(Faults.InputInvalid, "The text is not a JSON array of threats.", innerException: exception), record);
        }
    }

    private bool TryRead(string text, [NotNullWhen(true)] out Threat? threat)
    {
        try
        {
            threat = _engine!.ReadThreat(Encoding.UTF8.GetBytes(text));
            return true;
        }
        catch (PhishMeException)
        {
            threat = null;
            return false;
        }
    }

    // The API is not to blame for what is in a file.
    private void ReportInvalid(PhishMeException exception, string text) =>
        WriteError(ToErrorRecord(new PhishMeException(Faults.InputInvalid, exception.Message, innerException: exception), text));

    private void ReportCutOff()
    {
        var first = _records.FirstLine;
        _records.Clear();
        WriteError(ToErrorRecord(
            new PhishMeException(
                Faults.InputInvalid, "The JSON ends within a value: it is cut off, or not JSON. Read a file with one threat over many lines with Get-Content -Raw."),
            first));
    }
}
