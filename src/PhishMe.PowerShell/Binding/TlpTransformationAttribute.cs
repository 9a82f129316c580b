using System.Management.Automation;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Binding;

/// <summary>Takes the traffic light as people write it: TLP:AMBER, amber+strict, White.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TlpTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is string text && TlpLevels.TryParse(text, out var level) ? level : inputData;
}
