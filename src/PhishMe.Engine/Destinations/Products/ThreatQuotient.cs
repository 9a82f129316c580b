using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Storage;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>
/// ThreatQ: an event for each threat, and its indicators with a status and attributes. An indicator without a status becomes Indirect, and an attribute that
/// comes again is there twice: so each value goes out once per request, always with a status, and only with attributes that ThreatQ does not have of us.
/// </summary>
internal sealed class ThreatQuotient : IProduct
{
    private static readonly SectionSchema _schema = new()
    {
        Name = "integration_threatquotient",
        Description = "ThreatQ: events and indicators with attributes.",
        KnownIn = KnownIn.PowerShell,
        DeclareKeys = () =>
        [
            Ours(Flag("use", "False", "Deliver threats to ThreatQ.")),
            Ours(Url("host_with_protocol", "", "Address of the server.")),
            Ours(Text("client_id", "Client id of the API, from the user's profile in ThreatQ.")),
            Ours(Text("user", "The user's e-mail address. Empty: client_id and client_secret are the credentials.")),
            Ours(Secret("pass", "The user's password.")),
            Ours(Secret("client_secret", "Secret of the client, instead of user and pass.")),
            Ours(Text("source_name", "Name of the source that everything is filed under.") with { Default = "PhishMe Intelligence" }),
            Ours(Word("tlp", "amber", ["white", "green", "amber", "red"], "Traffic light marking of what is filed.")),
            Ours(Text("status", "Status of new indicators, as ThreatQ names it.") with { Default = "Active" }),
            Ours(Number("batch_size", "500", 1, 2000, "Indicators per request.")),
            .. DeliveryKeys.Entries("minor", "0"),
            HttpKeys.Verify(),
            .. HttpKeys.Connection(),
        ],
    };

    public IReadOnlyList<SectionSchema> Sections => [_schema];

    public IReadOnlyList<Destination> Read(ProductSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var section = settings.Section(_schema);
        if (!section.IsInUse || HttpKeys.Read(section, "client_id, user and pass") is not HttpTargetSettings target)
        {
            return [];
        }

        var client = section.RequiredText("client_id", "Write the client id of the API.");
        var user = section.Text("user");
        var grant = user is null
            ? OAuthGrant.OfClient("/api/token", client, section.RequiredSecret("client_secret", "Write the secret of the client, or user and pass."), asJson: true)
            : OAuthGrant.OfPassword("/api/token", client, user, section.RequiredSecret("pass", "Write the password of the user."), "email", asJson: true);
        var choice = IndicatorChoice.Of(settings.Delivery(section), ThreatQuotientItems.Kinds, includesBenign: true) with { SharesEntries = true };
        var mapping = new ThreatQuotientItems(
            section.Text("source_name")!, section.Word("tlp"), section.Text("status")!, choice);
        var batch = section.Integer("batch_size");
        return
        [
            new QueuedDestination
            {
                Id = new DestinationId("threatquotient"),
                Section = section.Name,
                Retention = choice.Retention,
                Open = host => new HttpDestination(target, new TokenAuthentication(grant, host.Clock), new ThreatQuotientProfile(mapping, host, batch), host),
            },
        ];
    }
}
