using PhishMe.Engine.Configuration;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>
/// Products and services that are not implemented yet: their sections are accepted, so that old files work, and deliver nothing. A product that is made
/// declares its section itself, and its lines here go.
/// </summary>
internal sealed class PlannedProducts : IProduct
{
    public IReadOnlyList<SectionSchema> Sections { get; } =
    [
        Planned("feed_store", "Store of the feeds of products."),
    ];

    public IReadOnlyList<Destination> Read(ProductSettings settings) => [];

    private static SectionSchema Planned(string name, string description) =>
        new() { Name = name, Description = description, IsPlanned = true, KnownIn = KnownIn.PowerShell, DeclareKeys = () => [] };
}
