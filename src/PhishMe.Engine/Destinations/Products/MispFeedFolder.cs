using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.MispFeed;
using PhishMe.Engine.Storage;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>[integration_misp_feed]: a folder that MISP reads as a feed (docs/products/misp.md).</summary>
internal sealed class MispFeedFolder : IProduct
{
    private static readonly SectionSchema _schema = new()
    {
        Name = "integration_misp_feed",
        Description = "MISP: a feed folder with an event for each threat, for a web server or phishme serve to offer.",
        KnownIn = KnownIn.PowerShell,
        DeclareKeys = () =>
        [
            Ours(Flag("use", "False", "Write the feed.")),
            Ours(new() { Name = "output_dir", Kind = ValueKind.OutputFolder, Default = "misp_feed", Description = "Folder of the feed. It is created if its parent folder exists." }),
            Ours(new KeySchema { Name = "tags", Kind = ValueKind.List, Default = "tlp:amber", Description = "Tags of each event, besides those of the threat.", MayBeEmpty = true }),
            HostFiles.Key(),
            .. DeliveryKeys.Indicators("none"),
            .. DeliveryKeys.Threats(),
            DeliveryKeys.Retention(),
        ],
    };

    public IReadOnlyList<SectionSchema> Sections => [_schema];

    public IReadOnlyList<Destination> Read(ProductSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var section = settings.Section(_schema);
        if (!section.IsInUse || section.OutputFolder("output_dir") is not string folder)
        {
            return [];
        }

        var feed = new MispFeedSettings { Folder = folder, Wanted = settings.Delivery(section), Tags = section.ListOrDefault("tags") };
        settings.Claim(feed.Manifest, section, "output_dir");
        settings.Claim(feed.Hashes, section, "output_dir");
        return
        [
            new RebuiltDestination
            {
                Id = new DestinationId("misp_feed"),
                Section = section.Name,
                Files = [feed.Manifest, feed.Hashes],
                FileOfThreat = feed.EventNamed,
                Fingerprint = feed.Fingerprint(settings.Today),
                Open = host => new MispFeedDestination(feed, host),
            },
        ];
    }
}
