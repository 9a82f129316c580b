namespace PhishMe.Engine.Serving.Taxii;

/// <summary>What a path names.</summary>
/// <param name="Resource">The resource.</param>
/// <param name="Collection">The collection; null when the resource is of none.</param>
/// <param name="ObjectId">The object; null when the resource is of none.</param>
internal readonly record struct TaxiiRoute(TaxiiResource Resource, TaxiiCollection? Collection = null, string? ObjectId = null)
{
    /// <summary>The discovery address (TAXII 2.1, 4.1).</summary>
    public const string DiscoveryPath = "taxii2";

    /// <summary>Reads a path; a missing slash at its end is forgiven.</summary>
    /// <param name="path">The path, decoded.</param>
    /// <param name="apiRoot">The name of the API root.</param>
    /// <exception cref="TaxiiProblem">There is nothing there.</exception>
    public static TaxiiRoute Of(string path, string apiRoot)
    {
        ArgumentNullException.ThrowIfNull(path);
        var parts = path.Trim('/').Split('/');
        if (parts is [DiscoveryPath])
        {
            return new TaxiiRoute(TaxiiResource.Discovery);
        }

        if (parts[0] != apiRoot)
        {
            throw NotThere("There is no such API root.", "Begin at /taxii2/.");
        }

        return parts[1..] switch
        {
            [] => new TaxiiRoute(TaxiiResource.ApiRoot),
            ["collections"] => new TaxiiRoute(TaxiiResource.Collections),
            ["collections", var collection] => new TaxiiRoute(TaxiiResource.Collection, CollectionOf(collection)),
            ["collections", var collection, "objects"] => new TaxiiRoute(TaxiiResource.Objects, CollectionOf(collection)),
            ["collections", var collection, "manifest"] => new TaxiiRoute(TaxiiResource.Manifest, CollectionOf(collection)),
            ["collections", var collection, "objects", var id] => new TaxiiRoute(TaxiiResource.Object, CollectionOf(collection), id),
            ["collections", var collection, "objects", var id, "versions"] => new TaxiiRoute(TaxiiResource.Versions, CollectionOf(collection), id),
            ["status", _] => throw NotThere("There is no such status.", "Nothing can be added to this server."),
            _ => throw NotThere("There is nothing at this address.", "Begin at /taxii2/."),
        };
    }

    private static TaxiiCollection CollectionOf(string idOrAlias) =>
        TaxiiCollections.Find(idOrAlias) ?? throw NotThere("There is no such collection.", "The collections resource lists them.");

    private static TaxiiProblem NotThere(string title, string description) => new(404, title, description);
}
