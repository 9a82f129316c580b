using System.Management.Automation;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Binding;

/// <summary>Takes the id out of what has one: a threat, an indicator, a line of a CSV file.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ThreatIdArgumentAttribute : ArgumentTransformationAttribute
{
    private static readonly string[] PropertyNames = ["ThreatId", "Id"];

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) => inputData switch
    {
        object[] several => Array.ConvertAll(several, IdOf),
        _ => IdOf(inputData),
    };

    private static object? IdOf(object? value) => value switch
    {
        PSObject { BaseObject: PSCustomObject } row => PropertyOf(row) ?? value,
        PSObject wrapped => IdOf(wrapped.BaseObject),
        Threat threat => threat.Id.ToString(),
        Indicator indicator => indicator.ThreatId.ToString(),
        ThreatId id => id.ToString(),
        _ => value,
    };

    private static string? PropertyOf(PSObject row)
    {
        foreach (var name in PropertyNames)
        {
            if (row.Properties[name]?.Value?.ToString() is { Length: > 0 } id)
            {
                return id;
            }
        }

        return null;
    }
}
