using PhishMe.Engine.Configuration;

namespace PhishMe.Engine.Serving.Taxii;

/// <summary>What a TAXII server says of itself.</summary>
internal sealed record TaxiiSite
{
    /// <summary>The path of the API root, without slashes.</summary>
    public string ApiRoot { get; init; } = "intel";

    /// <summary>What it is called in discovery.</summary>
    public string Title { get; init; } = "Threat intelligence";

    /// <summary>Objects of one page at most.</summary>
    public int PageLimit { get; init; } = 1000;

    /// <summary>What [taxii_server] says.</summary>
    public static TaxiiSite Of(TaxiiServerSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new TaxiiSite { ApiRoot = settings.ApiRoot, Title = settings.Title, PageLimit = settings.PageLimit };
    }
}
