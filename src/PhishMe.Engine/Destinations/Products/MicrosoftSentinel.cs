using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>Microsoft Sentinel: STIX indicators by the upload API, one for each value.</summary>
internal sealed class MicrosoftSentinel : IProduct
{
    private static readonly Uri _publicCloud = new("https://api.ti.sentinel.azure.com");

    private static readonly SectionSchema _schema = new()
    {
        Name = "integration_microsoft_sentinel",
        Description = "Microsoft Sentinel: STIX indicators by the upload API.",
        KnownIn = KnownIn.PowerShell,
        DeclareKeys = () =>
        [
            Ours(Flag("use", "False", "Deliver indicators to Microsoft Sentinel.")),
            Ours(Url("host_with_protocol", "https://api.ti.sentinel.azure.com", "Address of the upload API. Another one for national clouds.")),
            .. MicrosoftAccount.Keys("https://management.azure.com/.default"),
            Ours(Text("workspace_id", "Id of the Log Analytics workspace.")),
            Ours(Text("source_system", "Name of the source. It is part of the identity of an indicator: with another name all of them are there twice.") with
            {
                Default = "PhishMe Intelligence",
            }),
            Ours(Text("api_version", "Version of the upload API.") with { Default = "2024-02-01-preview" }),
            Ours(Word("tlp", "amber", ["none", "clear", "green", "amber", "amber+strict", "red"], "Traffic light marking of the indicators.")),
            .. DeliveryKeys.Entries("minor"),
            .. ScoreKeys.OfProduct(),
            .. MicrosoftAccount.Connection(95, "Sentinel allows 100; requests may bunch up on their way."),
        ],
    };

    public IReadOnlyList<SectionSchema> Sections => [_schema];

    public IReadOnlyList<Destination> Read(ProductSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var section = settings.Section(_schema);
        if (!section.IsInUse || MicrosoftAccount.Read(section, _publicCloud) is not var (account, target))
        {
            return [];
        }

        var source = section.Text("source_system")!;
        if (source.Equals("Microsoft Sentinel", StringComparison.OrdinalIgnoreCase))
        {
            section.Report(FindingRules.NotAChoice, "source_system", "Sentinel does not take its own name as a source. Write another one.");
        }

        var wanted = settings.Delivery(section);
        _ = TlpLevels.TryParse(section.Word("tlp"), out var marking);
        var mapping = new SentinelIndicators
        {
            // Sentinel shows the same value of one source as a duplicate.
            Choice = IndicatorChoice.Of(wanted, SentinelIndicators.Kinds) with { SharesEntries = true },
            Validity = IndicatorValidity.Of(wanted),
            Marking = marking,
        };
        var options = new SentinelProfile.Options
        {
            Workspace = section.RequiredText("workspace_id", "Write the id of the Log Analytics workspace that Sentinel runs in."),
            Source = source,
            ApiVersion = section.Text("api_version")!,
        };
        var paced = target with { PauseInWords = SentinelProfile.PauseInWords };
        return
        [
            new QueuedDestination
            {
                Id = new DestinationId("microsoft_sentinel"),
                Section = section.Name,
                Retention = mapping.Choice.Retention,
                Open = host => new HttpDestination(
                    paced, new TokenAuthentication(new EntraTokens(account, host), host.Clock), new SentinelProfile(mapping, options, host), host),
            },
        ];
    }
}
