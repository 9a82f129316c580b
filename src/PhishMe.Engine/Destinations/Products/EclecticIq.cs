using PhishMe.Engine.Configuration;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>
/// EclecticIQ polls the TAXII server of <c>phishme serve</c> (docs/products/taxii.md), so nothing is delivered to it. Its section says that it is meant to,
/// and a check says so when there is no such server.
/// </summary>
internal sealed class EclecticIq : IProduct
{
    private static readonly SectionSchema _schema = new()
    {
        Name = "integration_eclecticiq",
        Description = "EclecticIQ: polls the server of [taxii_server] by an incoming feed of its own.",
        KnownIn = KnownIn.PowerShell,
        DeclareKeys = () =>
        [
            Ours(Flag("use", "False", "EclecticIQ polls the TAXII server.")),
            Ours(Word("mode", "taxii", ["taxii"], "How threats reach it.")),
            Ours(Text("taxii_collection", "Collection that its incoming feed names, for the record: nothing here depends on it.") with { Default = "all" }),
        ],
    };

    public IReadOnlyList<SectionSchema> Sections => [_schema];

    public IReadOnlyList<Destination> Read(ProductSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var section = settings.Section(_schema);
        if (section.IsInUse)
        {
            _ = section.Word("mode");
            if (!settings.ServesTaxii)
            {
                section.Report(
                    FindingRules.OutputWritesNothing, "use",
                    $"EclecticIQ polls the server of [{ServerKeys.TaxiiSection}], which is off. Set use = True there and start 'phishme serve', or use = False here.");
            }
        }

        return [];
    }
}
