using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Storage;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>Microsoft Defender for Endpoint: custom indicators, as many as the tenant has room for.</summary>
internal sealed class MicrosoftDefender : IProduct
{
    private static readonly Uri _publicCloud = new("https://api.securitycenter.microsoft.com");

    private static readonly SectionSchema _schema = new()
    {
        Name = "integration_microsoft_defender",
        Description = "Microsoft Defender for Endpoint: custom indicators.",
        KnownIn = KnownIn.PowerShell,
        DeclareKeys = () =>
        [
            Ours(Flag("use", "False", "Deliver indicators to Defender for Endpoint.")),
            Ours(Url("host_with_protocol", "https://api.securitycenter.microsoft.com", "Address of the API, perhaps that of your region. Another one for national clouds.")),
            .. MicrosoftAccount.Keys("https://api.securitycenter.microsoft.com/.default"),
            Ours(Word("action", "audit", ["audit", "warn", "block", "block_and_remediate"],
                "What Defender does. audit blocks nothing. Anything else is for impact major only, and never for indicators of correlation: the others are audited.")),
            Ours(Number("max_indicators", "14000", 1, DefenderProfile.Ceiling, "The most indicators of ours. A tenant has room for 15,000 of all sources.")),
            .. DeliveryKeys.Entries("moderate"),
            .. MicrosoftAccount.Connection(25, "Defender allows 30, and 1,500 an hour."),
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

        var wanted = settings.Delivery(section);
        var mapping = new DefenderIndicators
        {
            // Defender knows an indicator by its value.
            Choice = IndicatorChoice.Of(wanted, DefenderIndicators.Kinds) with { SharesEntries = true },
            Validity = IndicatorValidity.Of(wanted),
            Action = section.Word("action"),
        };
        var most = section.Integer("max_indicators");
        return
        [
            new QueuedDestination
            {
                Id = new DestinationId("microsoft_defender"),
                Section = section.Name,
                Retention = mapping.Choice.Retention,
                Open = host => new HttpDestination(
                    target, new TokenAuthentication(new EntraTokens(account, host), host.Clock), new DefenderProfile(mapping, most, host), host),
            },
        ];
    }
}
