using System.Management.Automation;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Presenting;

/// <summary>
/// Lets the dates of emitted objects write themselves as ISO 8601: Export-Csv takes their text, and that of a DateTimeOffset depends on the culture.
/// They stay dates: they compare, sort and format as before.
/// </summary>
internal static class IsoDates
{
    /// <summary>The object with such dates.</summary>
    /// <param name="value">What is to be emitted.</param>
    /// <returns>The same object, in the wrapper of PowerShell when it has dates.</returns>
    public static object On(object value)
    {
        var row = PSObject.AsPSObject(value);
        return row.BaseObject switch
        {
            Indicator of => With(row, (nameof(of.FirstPublished), of.FirstPublished), (nameof(of.LastPublished), of.LastPublished)),
            IndicatorMatch of => With(row, (nameof(of.FirstPublished), of.FirstPublished), (nameof(of.LastPublished), of.LastPublished)),
            Threat of => With(
                row, (nameof(of.FirstPublished), of.FirstPublished), (nameof(of.LastPublished), of.LastPublished), (nameof(of.Confirmed), of.Confirmed)),
            DeadLetterRecord of => With(
                row, (nameof(of.FirstFailedAt), of.FirstFailedAt), (nameof(of.LastTriedAt), of.LastTriedAt), (nameof(of.DueAt), of.DueAt)),
            RunSummary of => With(row, (nameof(of.StartedAt), of.StartedAt), (nameof(of.EndedAt), of.EndedAt)),
            NamedPosition of => With(row, (nameof(of.UpdatedAt), of.UpdatedAt), (nameof(of.Since), of.Since)),
            StoreStatistics of => With(row, (nameof(of.FirstPublished), of.FirstPublished), (nameof(of.LastPublished), of.LastPublished)),
            _ => value,
        };
    }

    private static PSObject With(PSObject row, params ReadOnlySpan<(string Name, DateTimeOffset? Date)> dates)
    {
        foreach ((var name, var date) in dates)
        {
            // An object that passes a second command of this module has them already.
            if (date is DateTimeOffset known && row.Properties[name] is not PSNoteProperty)
            {
                PSObject wrapped = new(known);
                wrapped.Methods.Add(new IsoDateText(known));
                row.Properties.Add(new PSNoteProperty(name, wrapped));
            }
        }

        return row;
    }
}
