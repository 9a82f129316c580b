using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Rendering;
using PhishMe.Engine.Storage;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>MISP over its REST interface: one event for each threat.</summary>
internal sealed class Misp : IProduct
{
    private static readonly SectionSchema _schema = new()
    {
        Name = "integration_misp",
        Description = "MISP: an event for each threat, over REST.",
        KnownIn = KnownIn.PowerShell,
        DeclareKeys = () =>
        [
            Ours(Flag("use", "False", "Deliver threats to MISP.")),
            Ours(Url("host_with_protocol", "", "Address of the server.")),
            Ours(Secret("api_token", "Authentication key of a user who may add and modify events.")),
            Ours(Number("distribution", "0", 0, 3, "Who sees new events: 0 own organisation, 1 community, 2 connected communities, 3 all.")),
            Ours(Flag("publish", "False", "Publish events after each change, without e-mail.")),
            Ours(new KeySchema { Name = "tags", Kind = ValueKind.List, Default = "tlp:amber", Description = "Tags of each event, besides those of the threat.", MayBeEmpty = true }),
            .. DeliveryKeys.Indicators("none"),
            .. DeliveryKeys.Threats(),
            HttpKeys.Verify(),
            .. HttpKeys.Connection(),
        ],
    };

    public IReadOnlyList<SectionSchema> Sections => [_schema];

    public IReadOnlyList<Destination> Read(ProductSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var section = settings.Section(_schema);
        if (!section.IsInUse || HttpKeys.Read(section, "api_token") is not HttpTargetSettings target)
        {
            return [];
        }

        var wanted = settings.Delivery(section);
        var key = section.RequiredSecret("api_token", "Make an authentication key in MISP: My Profile, Auth keys.");
        var options = new MispProfile.Options
        {
            Publishes = section.Boolean("publish"),
            Products = wanted.Products,
            Retracts = wanted.Retract,
            Event = new MispEventOptions
            {
                Distribution = section.Integer("distribution"),
                Tags = section.ListOrDefault("tags"),
                LimitsCorrelation = true,
                Filter = IndicatorFilter.ForDescriptions with { IncludeCorollary = wanted.IncludeCorollary, MinimumImpact = wanted.MinimumImpact },
            },
        };
        return
        [
            new QueuedDestination
            {
                Id = new DestinationId("misp"),
                Section = section.Name,
                Open = host => new HttpDestination(target, new HeaderAuthentication("Authorization", key, key), new MispProfile(options, host), host),
            },
        ];
    }
}
