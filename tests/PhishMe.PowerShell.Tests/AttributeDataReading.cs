using System.Collections.ObjectModel;
using System.Reflection;

namespace PhishMe.PowerShell.Tests;

/// <summary>Reads what an attribute was given without making the attribute.</summary>
internal static class AttributeDataReading
{
    /// <summary>A named argument; the default of its type when it was not given.</summary>
    public static T? Named<T>(this CustomAttributeData attribute, string name)
    {
        foreach (var argument in attribute.NamedArguments.Where(argument => argument.MemberName == name))
        {
            return (T?)argument.TypedValue.Value;
        }

        return default;
    }

    /// <summary>The constructor's arguments of one type, params arrays spread out.</summary>
    public static IEnumerable<T> Items<T>(this CustomAttributeData attribute) =>
        attribute.ConstructorArguments
            .SelectMany(argument => argument.Value is ReadOnlyCollection<CustomAttributeTypedArgument> items ? items.Select(item => item.Value) : [argument.Value])
            .OfType<T>();
}
