namespace PhishMe.Engine.Serving.Taxii;

/// <summary>The resources of TAXII 2.1.</summary>
internal enum TaxiiResource
{
    /// <summary>What the server has.</summary>
    Discovery,

    /// <summary>The API root.</summary>
    ApiRoot,

    /// <summary>All collections.</summary>
    Collections,

    /// <summary>One collection.</summary>
    Collection,

    /// <summary>The objects of a collection.</summary>
    Objects,

    /// <summary>One object.</summary>
    Object,

    /// <summary>The versions of one object.</summary>
    Versions,

    /// <summary>What a collection has, without the objects.</summary>
    Manifest,
}
