using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Binding;
using PhishMe.PowerShell.Pumping;

namespace PhishMe.PowerShell.Commands;

/// <summary>Counts the contents of the local store: threats by product, family, brand and day, indicators by role, impact and kind.</summary>
[Cmdlet(VerbsCommon.Get, "PhishMeStatistics")]
[OutputType(typeof(StoreStatistics))]
public sealed class GetPhishMeStatisticsCommand : PhishMeStoreCmdlet
{
    /// <summary>Only threats last published at this time or later. A time without a zone is UTC.</summary>
    [Parameter]
    public DateTime? Since { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        object? target = Store ?? ConfigPath;
        var since = PointInTime.Of(Since);
        DoOrEnd(
            () =>
            {
                using var store = OpenStore(ResolveStore());
                RunOperation((_, writer, _) => writer.WriteAsync(new PumpItem(store.GetStatistics(since))).AsTask());
            },
            target);
    }
}
