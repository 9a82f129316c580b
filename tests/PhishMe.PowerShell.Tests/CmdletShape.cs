using System.Management.Automation;

namespace PhishMe.PowerShell.Tests;

/// <summary>A cmdlet as its metadata declares it.</summary>
internal sealed record CmdletShape(
    Type Type, string Verb, string Noun, string? DefaultSet, bool SupportsShouldProcess,
    IReadOnlyList<Type> OutputTypes, IReadOnlyList<ParameterShape> Parameters)
{
    public string Name => $"{Verb}-{Noun}";

    public static CmdletShape? Of(Type type)
    {
        var cmdlet = type.GetCustomAttributesData().SingleOrDefault(attribute => attribute.AttributeType == typeof(CmdletAttribute));
        return cmdlet is null
            ? null
            : new CmdletShape(
                type,
                (string)cmdlet.ConstructorArguments[0].Value!,
                (string)cmdlet.ConstructorArguments[1].Value!,
                cmdlet.Named<string>(nameof(CmdletAttribute.DefaultParameterSetName)),
                cmdlet.Named<bool>(nameof(CmdletAttribute.SupportsShouldProcess)),
                [
                    .. type.GetCustomAttributesData()
                        .Where(attribute => attribute.AttributeType == typeof(OutputTypeAttribute))
                        .SelectMany(attribute => attribute.Items<Type>())
                ],
                [.. ParameterShape.Of(type)]);
    }

    public override string ToString() =>
        string.Join('\n', [Name + (DefaultSet is null ? string.Empty : $" (default {DefaultSet})"), .. Parameters.Select(parameter => $"  {parameter}")]);
}
