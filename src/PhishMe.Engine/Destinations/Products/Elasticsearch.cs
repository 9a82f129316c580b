using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>Elasticsearch and OpenSearch: one document for each threat and indicator, written by <c>_bulk</c> under an id of our own.</summary>
internal sealed class Elasticsearch : IProduct
{
    private static readonly SectionSchema _schema = new()
    {
        Name = "integration_elasticsearch",
        Description = "Elasticsearch and OpenSearch: indicators as documents with ECS threat fields.",
        KnownIn = KnownIn.PowerShell,
        DeclareKeys = () =>
        [
            Ours(Flag("use", "False", "Deliver indicators to Elasticsearch or OpenSearch.")),
            Ours(Url("host_with_protocol", "", "Address of the cluster, such as https://elastic.example:9200.")),
            Ours(Secret("api_key", "API key: the encoded form, or id:key. Instead of user and pass.")),
            Ours(Text("user", "User name, if there is no api_key.")),
            Ours(Secret("pass", "Password of the user.")),
            Ours(Text("index", "Index or alias to write to. A data stream cannot be used: it takes no changes.") with { Default = "logs-ti_phishme_latest.indicator" }),
            Ours(Flag("index_template", "False", "Install an index template for index before the first write. A template that someone else made is left alone.")),
            Ours(Word("tlp", "amber", ["none", "clear", "green", "amber", "amber+strict", "red"], "Traffic light marking of the documents.")),
            Ours(Number("refresh_days", "25", 1, 3650, "Days after which the time of a document that is still valid is renewed: rules of Elastic Security look back 30 days.")),
            .. DeliveryKeys.Entries("minor"),
            .. ScoreKeys.OfProduct(),
            HttpKeys.Verify(),
            .. HttpKeys.Connection(),
        ],
    };

    public IReadOnlyList<SectionSchema> Sections => [_schema];

    public IReadOnlyList<Destination> Read(ProductSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var section = settings.Section(_schema);
        if (!section.IsInUse || HttpKeys.Read(section, "api_key, or user and pass") is not HttpTargetSettings target)
        {
            return [];
        }

        var wanted = settings.Delivery(section);
        var validity = IndicatorValidity.Of(wanted);
        var authentication = ReadCredentials(section);
        _ = TlpLevels.TryParse(section.Word("tlp"), out var marking);
        var documents = new ElasticDocuments { Choice = IndicatorChoice.Of(wanted, ElasticDocuments.Kinds), Validity = validity, Marking = marking };
        var options = new ElasticProfile.Options
        {
            Index = section.Text("index")!,
            InstallsTemplate = section.Boolean("index_template"),
            Refresh = TimeSpan.FromDays(section.Integer("refresh_days")),
        };
        return
        [
            new QueuedDestination
            {
                Id = new DestinationId("elasticsearch"),
                Section = section.Name,
                Retention = documents.Choice.Retention,
                Open = host => new HttpDestination(target, authentication, new ElasticProfile(documents, options, host), host),
            },
        ];
    }

    private static HeaderAuthentication ReadCredentials(SectionValues section)
    {
        if (section.Secret("api_key") is string key)
        {
            // Elasticsearch shows both forms; the header wants the encoded one.
            var encoded = key.Contains(':', StringComparison.Ordinal) ? Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(key)) : key;
            return new HeaderAuthentication("Authorization", $"ApiKey {encoded}", encoded, key, key.Split(':')[^1]);
        }

        return HeaderAuthentication.Basic(
            section.RequiredText("user", "Write an API key in api_key, or user and pass."),
            section.RequiredSecret("pass", "Write an API key in api_key, or user and pass."));
    }
}
