using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;

namespace PhishMe.PowerShell.Presenting;

/// <summary>The <c>ToString</c> of a date that an object of this module has: ISO 8601 in UTC in every culture, unless a format is given.</summary>
/// <remarks>Several overloads, as .NET has them: PowerShell passes a format only to a method that has more than one.</remarks>
internal sealed class IsoDateText(DateTimeOffset date) : PSCodeMethod(nameof(ToString), ((Func<PSObject, object[], string>)Write).Method)
{
    private const string Iso = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'";

    /// <inheritdoc/>
    public override Collection<string> OverloadDefinitions { get; } =
        ["string ToString()", "string ToString(string format)", "string ToString(string format, System.IFormatProvider formatProvider)"];

    /// <inheritdoc/>
    public override PSMemberInfo Copy() => new IsoDateText(date);

    /// <inheritdoc/>
    public override object Invoke(params object[] arguments) => Text(date, arguments);

    /// <summary>What a script calls.</summary>
    /// <param name="date">The date.</param>
    /// <param name="arguments">None, a format, or a format and a culture.</param>
    /// <returns>The text.</returns>
    public static string Write(PSObject date, params object[] arguments) => Text((DateTimeOffset)date.BaseObject, arguments);

    private static string Text(DateTimeOffset date, object[] arguments)
    {
        var format = arguments is [string text, ..] ? text : null;
        var culture = arguments is [_, IFormatProvider given] ? given : CultureInfo.CurrentCulture;
        return string.IsNullOrEmpty(format) ? date.UtcDateTime.ToString(Iso, CultureInfo.InvariantCulture) : date.ToString(format, culture);
    }
}
