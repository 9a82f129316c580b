using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Pumping;

namespace PhishMe.PowerShell.Commands;

/// <summary>Counts what the local store holds: threats by product, family, brand and day, indicators by role, impact and kind.</summary>
[Cmdlet(VerbsCommon.Get, "PhishMeStatistics")]
[OutputType(typeof(StoreStatistics))]
public sealed class GetPhishMeStatisticsCommand : PhishMeStoreCmdlet
{
    /// <summary>Only threats published last at this time or later.</summary>
    [Parameter]
    public DateTime? Since { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        object? target = Store ?? ConfigPath;
        DateTimeOffset? since = Since is DateTime time ? new DateTimeOffset(time) : null;
        DoOrEnd(
            () =>
            {
                var source = ResolveStore();
                RunOperation(async (engine, writer, _) =>
                {
                    using var store = source.Open(engine);
                    await writer.WriteAsync(new PumpItem(store.GetStatistics(since))).ConfigureAwait(false);
                });
            },
            target);
    }
}
