using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Destinations.Taxii;
using PhishMe.Engine.Storage;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>OpenCTI: STIX 2.1 to a TAXII push ingester.</summary>
internal sealed class OpenCti : IProduct
{
    /// <summary>The one API root of the platform.</summary>
    private const string ApiRoot = "taxii2/root";

    private static readonly SectionSchema _schema = new()
    {
        Name = "integration_opencti",
        Description = "OpenCTI: indicators, families and reports to a TAXII push ingester.",
        KnownIn = KnownIn.PowerShell,
        DeclareKeys = () =>
        [
            Ours(Flag("use", "False", "Deliver indicators to OpenCTI.")),
            Ours(Url("host_with_protocol", "", "Address of OpenCTI, such as https://opencti.example.")),
            Ours(Text("collection", "Id of the TAXII push ingester: the part of its address between collections/ and /objects.")),
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

        var options = TaxiiKeys.ReadOptions(section, settings.Delivery(section), ApiRoot) with { IsOpenCti = true };
        return
        [
            new QueuedDestination
            {
                Id = new DestinationId("opencti"),
                Section = section.Name,
                Retention = options.Choice.Retention,
                Open = host => new HttpDestination(target, authentication, new TaxiiPushProfile(options, host), host),
            },
        ];
    }
}
