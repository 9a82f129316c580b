namespace PhishMe.Engine.Configuration;

/// <summary>
/// A product that threats can be delivered to: its sections and keys, and the destinations that they describe. Each product is one file in
/// <c>Destinations/Products</c>, with a second one for its mapping where that is long.
/// </summary>
internal interface IProduct
{
    /// <summary>Its sections. The sample, the reference and the checks of names follow from them.</summary>
    IReadOnlyList<SectionSchema> Sections { get; }

    /// <summary>Reads what is in use; what is wrong becomes a finding, never an exception.</summary>
    /// <returns>The destinations in use; none when the product is off or something essential is wrong.</returns>
    IReadOnlyList<Destination> Read(ProductSettings settings);
}
