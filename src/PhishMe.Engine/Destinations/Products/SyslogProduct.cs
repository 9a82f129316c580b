using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.Syslog;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>
/// A product that takes events by syslog: a collector of its own, with its own rate, queue and offset. CEF is fetched, or rendered, once for all of them.
/// </summary>
internal sealed class SyslogProduct : IProduct
{
    private readonly DestinationId _id;
    private readonly SectionSchema _schema;

    /// <param name="name">The section without <c>integration_</c>; it is the id of the destination, too.</param>
    /// <param name="title">What people call it.</param>
    /// <param name="keys">Gives the keys of its collector (<see cref="SyslogKeys.OfProduct"/>).</param>
    /// <param name="knownIn">Which configuration files have the section.</param>
    /// <param name="offersJson">Whether events may be canonical records instead of CEF.</param>
    public SyslogProduct(string name, string title, Func<IReadOnlyList<KeySchema>> keys, KnownIn knownIn = KnownIn.Original, bool offersJson = false)
    {
        _id = new DestinationId(name);
        _schema = new SectionSchema
        {
            Name = $"integration_{name}",
            Description = $"{title}: events by syslog.",
            KnownIn = knownIn,
            DeclareKeys = () =>
            [
                Flag("use", "False", $"Send events to {title}.") with { KnownIn = knownIn },
                CheckConfig() with { KnownIn = knownIn },
                .. keys().Select(key => knownIn == KnownIn.PowerShell ? Ours(key) : key),
                .. offersJson
                    ? (KeySchema[])
                    [
                        Ours(Word("payload", "cef", ["cef", "json"], "What an event is: CEF, or one indicator as one line of JSON.")),
                        .. DeliveryKeys.Indicators(),
                        .. ScoreKeys.OfProduct(),
                    ]
                    : [],
                CefSource(),
                .. DeliveryKeys.Threats(),
            ],
        };
    }

    public IReadOnlyList<SectionSchema> Sections => [_schema];

    public IReadOnlyList<Destination> Read(ProductSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var section = settings.Section(_schema);
        if (!section.IsInUse)
        {
            return [];
        }

        var collector = SyslogKeys.ReadProduct(section);
        var wanted = settings.Delivery(section);
        if (section.Has("payload") && section.Word("payload") == "json")
        {
            return
            [
                new QueuedDestination
                {
                    Id = _id,
                    Section = section.Name,
                    Open = host => new SyslogJsonDestination(_id, collector with { MessageId = "JSON" }, wanted, host),
                },
            ];
        }

        return [Events(_id, section, collector, wanted)];
    }

    /// <summary>The key that says who renders CEF.</summary>
    public static KeySchema CefSource() => Ours(Word("cef_source", "api", ["api", "json"], "Who renders CEF: the API, or this program from JSON."));

    /// <summary>The destination for CEF.</summary>
    public static QueuedDestination Events(DestinationId id, SectionValues section, SyslogSettings collector, DeliverySettings wanted) => new()
    {
        Id = id,
        Section = section.Name,
        Format = OutputFormat.Cef,
        Source = section.Word("cef_source") == "json" ? OutputSource.Local : OutputSource.Api,
        Open = host => new SyslogDestination(id, collector, host, wanted),
    };
}
