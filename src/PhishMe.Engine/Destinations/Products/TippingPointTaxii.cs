using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Destinations.Taxii;
using PhishMe.Engine.Storage;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>The other way into an SMS, from 6.0 on: it is a TAXII server that takes indicators with a single comparison.</summary>
internal static class TippingPointTaxii
{
    /// <summary>The keys of this way.</summary>
    public static KeySchema[] Keys() =>
    [
        Ours(Word("mode", "import", ["import", "taxii"], "import: reputation entries as CSV. taxii: STIX indicators to the TAXII server of the SMS (6.0 and later), without tags.")),
        Ours(Text("api_root", "Path of the API root of that server, for mode taxii.")),
        Ours(Text("collection", "Id of the collection, for mode taxii.")),
    ];

    /// <summary>The destination of this way.</summary>
    /// <param name="section">The section.</param>
    /// <param name="target">How to talk to the SMS.</param>
    /// <param name="choice">Which indicators it gets.</param>
    /// <param name="wanted">What the section and [integration_defaults] say.</param>
    /// <param name="id">The destination.</param>
    public static QueuedDestination Open(SectionValues section, HttpTargetSettings target, IndicatorChoice choice, DeliverySettings wanted, DestinationId id)
    {
        ArgumentNullException.ThrowIfNull(section);
        ArgumentNullException.ThrowIfNull(choice);
        var options = new TaxiiPushOptions
        {
            Choice = choice,
            ApiRoot = $"/{section.RequiredText("api_root", "Write the path of the API root of the SMS.").Trim('/')}/",
            Collection = section.RequiredText("collection", "Write the id of the collection of the SMS."),
            Validity = IndicatorValidity.Of(wanted),
            SendsReports = false,
        };
        IHttpAuthentication authentication = section.Secret("api_key") is string key
            ? new HeaderAuthentication("X-SMS-API-KEY", key)
            : HeaderAuthentication.Basic(
                section.RequiredText("user", "Write an API key of the SMS in api_key, or user and pass."),
                section.RequiredSecret("pass", "Write an API key of the SMS in api_key, or user and pass."));
        return new QueuedDestination
        {
            Id = id,
            Section = section.Name,
            Retention = choice.Retention,
            Open = host => new HttpDestination(target, authentication, new TaxiiPushProfile(options, host), host),
        };
    }
}
