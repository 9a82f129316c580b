using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Destinations.Taxii;
using PhishMe.Engine.Storage;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>Any TAXII 2.1 server with a collection that can be written.</summary>
internal sealed class TaxiiServer : IProduct
{
    private static readonly SectionSchema _schema = new()
    {
        Name = "integration_taxii",
        Description = "Any TAXII 2.1 server: STIX 2.1 to a collection that can be written.",
        KnownIn = KnownIn.PowerShell,
        DeclareKeys = () =>
        [
            Ours(Flag("use", "False", "Deliver indicators to a TAXII server.")),
            Ours(Url("host_with_protocol", "", "Address of the server, such as https://taxii.example.")),
            Ours(Text("api_root", "Path of the API root, such as api1; its discovery names it.")),
            Ours(Text("collection", "Id of the collection.")),
            .. TaxiiKeys.Account(),
            .. TaxiiKeys.Content("amber"),
            .. DeliveryKeys.Entries("minor"),
            HttpKeys.Verify(),
            .. HttpKeys.Connection(),
        ],
    };

    public IReadOnlyList<SectionSchema> Sections => [_schema];

    public IReadOnlyList<Destination> Read(ProductSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var section = settings.Section(_schema);
        if (!section.IsInUse || TaxiiKeys.Read(section) is not var (target, authentication))
        {
            return [];
        }

        var root = section.RequiredText("api_root", "Write the path of the API root, such as api1.");
        var options = TaxiiKeys.ReadOptions(section, settings.Delivery(section), root);
        return
        [
            new QueuedDestination
            {
                Id = new DestinationId("taxii"),
                Section = section.Name,
                Retention = options.Choice.Retention,
                Open = host => new HttpDestination(target, authentication, new TaxiiPushProfile(options, host), host),
            },
        ];
    }
}
