using System.Management.Automation;
using System.Reflection;

namespace PhishMe.PowerShell.Tests;

/// <summary>A parameter in one parameter set, read from metadata: the attributes of the reference assembly have no behaviour to ask.</summary>
internal sealed record ParameterShape(
    string Name, Type Type, string Set, bool Mandatory, int? Position, bool FromPipeline, bool ByPropertyName, IReadOnlyList<string> Aliases)
{
    public static IEnumerable<ParameterShape> Of(Type cmdlet) =>
        from property in cmdlet.GetProperties()
        from attribute in property.GetCustomAttributesData()
        where attribute.AttributeType == typeof(ParameterAttribute)
        select new ParameterShape(
            property.Name,
            property.PropertyType,
            attribute.Named<string>(nameof(ParameterAttribute.ParameterSetName)) ?? ParameterAttribute.AllParameterSets,
            attribute.Named<bool>(nameof(ParameterAttribute.Mandatory)),
            attribute.Named<int?>(nameof(ParameterAttribute.Position)),
            attribute.Named<bool>(nameof(ParameterAttribute.ValueFromPipeline)),
            attribute.Named<bool>(nameof(ParameterAttribute.ValueFromPipelineByPropertyName)),
            AliasesOf(property));

    public override string ToString()
    {
        var text = $"[{Set}] {Name}: {Type.Name}";
        text += Mandatory ? ", mandatory" : string.Empty;
        text += Position is int position ? $", {position}" : string.Empty;
        text += FromPipeline ? ", from pipeline" : string.Empty;
        text += ByPropertyName ? ", by property name" : string.Empty;
        return Aliases.Count == 0 ? text : $"{text}, aliases {string.Join(' ', Aliases)}";
    }

    private static string[] AliasesOf(PropertyInfo property) =>
        [.. property.GetCustomAttributesData().Where(attribute => attribute.AttributeType == typeof(AliasAttribute)).SelectMany(attribute => attribute.Items<string>())];
}
