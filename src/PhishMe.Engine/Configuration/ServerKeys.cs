using System.Net;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Configuration;

/// <summary>The sections of <c>phishme serve</c>: [feed_server] and [taxii_server].</summary>
internal static class ServerKeys
{
    public const string FeedSection = "feed_server";

    public const string TaxiiSection = "taxii_server";

    /// <summary>Digits of a thumbprint in the store of Windows: SHA-1, or SHA-256.</summary>
    private static readonly int[] _thumbprintLengths = [40, 64];

    /// <summary>[feed_server].</summary>
    public static SectionSchema Feed { get; } = new()
    {
        Name = FeedSection,
        Description = "Feed files over HTTP(S), with a page that shows how the integration is doing; 'phishme serve' serves them.",
        KnownIn = KnownIn.PowerShell,
        DeclareKeys = () =>
        [
            Ours(Flag("use", "False", "Serve the files that the destinations of this configuration make from the store.")),
            .. Listener("https://127.0.0.1:8443/", showsStatus: "True"),
            Ours(new() { Name = "root", Kind = ValueKind.Text,
                Description = "Folder of feed files: files outside of it are not served. Empty: every feed file, wherever it is." }),
        ],
    };

    /// <summary>[taxii_server].</summary>
    public static SectionSchema Taxii { get; } = new()
    {
        Name = TaxiiSection,
        Description = "STIX 2.1 over TAXII 2.1, from the store; 'phishme serve' serves it.",
        KnownIn = KnownIn.PowerShell,
        DeclareKeys = () =>
        [
            Ours(Flag("use", "False", "Serve TAXII 2.1.")),
            .. Listener("https://127.0.0.1:8444/", showsStatus: "False"),
            Ours(Text("api_root", "Path of the API root, one segment.") with { Default = "intel" }),
            Ours(Text("title", "What discovery calls the server.") with { Default = "Threat intelligence" }),
            Ours(Number("page_limit", "1000", 1, 10_000, "Objects of one page at most.")),
            Ours(Number("retention_days", "90", 0, 3650,
                "Days after its last publication for which a threat is valid (valid_until) and is served; 0 is for good, written as ten years.")),
            Ours(Word("tlp", "none", ["none", "clear", "green", "amber", "amber+strict", "red"],
                "Traffic light marking (TLP 2.0) of every object. white is read as clear; the prefix TLP: may be written.") with
            {
                Accepts = word => TlpLevels.TryParse(word, out var level) ? TlpLevels.WordOf(level) : null,
            }),
        ],
    };

    /// <summary>Reads both sections.</summary>
    /// <param name="feed">[feed_server].</param>
    /// <param name="taxii">[taxii_server].</param>
    /// <param name="scores">The scores of [integration_defaults].</param>
    public static ServerSettings Read(SectionValues feed, SectionValues taxii, ScoreTable scores)
    {
        ArgumentNullException.ThrowIfNull(feed);
        ArgumentNullException.ThrowIfNull(taxii);
        var settings = new ServerSettings
        {
            Feed = feed.IsInUse ? new FeedServerSettings { Listener = ReadListener(feed), Root = PathIn(feed, "root") } : null,
            Taxii = taxii.IsInUse ? ReadTaxii(taxii, scores) : null,
        };
        if (settings is { Feed.Listener.Address.Port: > 0 and var port } && settings.Taxii?.Listener.Address.Port == port)
        {
            taxii.Report(FindingRules.OptionsConflict, "listen", $"[{FeedSection}] listens at port {port}, too. Give each server a port of its own.");
        }

        return settings;
    }

    private static TaxiiServerSettings ReadTaxii(SectionValues section, ScoreTable scores)
    {
        var root = section.Text("api_root") ?? string.Empty;
        if (root is "taxii2" || root.Length == 0 || !root.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_'))
        {
            section.Report(FindingRules.NotAChoice, "api_root", $"'{VisibleText.Of(root)}' is not the name of an API root. Write letters, digits, '-' or '_', and not taxii2.");
        }

        return new TaxiiServerSettings
        {
            Listener = ReadListener(section),
            ApiRoot = root,
            Title = section.Text("title") ?? string.Empty,
            PageLimit = section.Integer("page_limit"),
            RetentionDays = section.Integer("retention_days"),
            Marking = TlpLevels.TryParse(section.Word("tlp"), out var level) ? level : TlpLevel.None,
            Scores = scores,
        };
    }

    private static IEnumerable<KeySchema> Listener(string address, string showsStatus) =>
    [
        Ours(Url("listen", address, "Address to listen at: an IP address or localhost, and a port. Anything but this machine itself needs https://, a certificate and credentials.")),
        Ours(Text("certificate", "Certificate of the server: PEM or PKCS #12 file, or on Windows a thumbprint in the certificate store.")),
        Ours(Text("certificate_key", "PEM file with its private key, if the certificate file does not contain it.")),
        Ours(Secret("certificate_password", "Password of the private key.")),
        Ours(Text("auth_basic_user", "User name that readers have to give (Basic).")),
        Ours(Secret("auth_basic_pass", "Password that readers have to give.")),
        Ours(Secret("auth_basic_pass_before", "A password that is accepted as well, while readers change from it to the new one.")),
        Ours(Flag("status", showsStatus, "Show the status page at /, and figures for Prometheus at /metrics, at this address.")),
    ];

    private static ListenerSettings ReadListener(SectionValues section)
    {
        var address = section.Url("listen") ?? new Uri(section.Schema("listen").Default);
        var certificate = section.Text("certificate");
        var isThumbprint = certificate is not null && IsThumbprint(certificate);
        var user = section.Text("auth_basic_user");
        string[] passwords = [.. new[] { section.Secret("auth_basic_pass"), section.Secret("auth_basic_pass_before") }.OfType<string>()];
        var settings = new ListenerSettings
        {
            Section = section.Name,
            Address = address,
            Certificate = certificate is null || isThumbprint ? null : new ClientCertificateSettings
            {
                File = PathIn(section, "certificate")!,
                KeyFile = PathIn(section, "certificate_key"),
                Password = section.Secret("certificate_password"),
            },
            Thumbprint = isThumbprint ? certificate : null,
            User = user,
            Passwords = user is null ? [] : passwords,
            ShowsStatus = section.Boolean("status"),
        };
        Check(section, settings, hasPassword: section.Unchecked("auth_basic_pass") is not null);
        return settings;
    }

    private static void Check(SectionValues section, ListenerSettings settings, bool hasPassword)
    {
        var address = settings.Address;
        var isHere = address.IsLoopback;
        if (!isHere && !IPAddress.TryParse(address.DnsSafeHost, out _))
        {
            section.Report(FindingRules.NotAHost, "listen", $"'{VisibleText.Of(address.Host)}' is not an address of this machine. Write an IP address (0.0.0.0 or [::] for all of them) or localhost.");
        }
        else if (address.AbsolutePath.Length > 1 || address.UserInfo.Length > 0)
        {
            section.Report(FindingRules.NotAUrl, "listen", "The address has more than scheme, host and port. Write it like https://127.0.0.1:8443/.");
        }
        else if (!isHere && !settings.IsEncrypted)
        {
            section.Report(FindingRules.ListenerNotProtected, "listen", "Other machines would reach this address without TLS. Write https:// and name a certificate, or listen at 127.0.0.1.");
        }

        if (settings.IsEncrypted && settings.Certificate is null && settings.Thumbprint is null)
        {
            section.ReportMissing("certificate", "https:// needs a certificate. Name its file, or listen at http:// on 127.0.0.1.");
        }

        if (!isHere && settings.User is null)
        {
            section.ReportMissing("auth_basic_user", "Other machines reach this address, so readers need credentials. Write a user name, or listen at 127.0.0.1.");
        }

        if (settings.User is not null && !hasPassword)
        {
            section.ReportMissing("auth_basic_pass", "Write the password that goes with auth_basic_user.");
        }
        else if (settings.User is null && hasPassword)
        {
            section.ReportMissing("auth_basic_user", "Write the user name that goes with auth_basic_pass.");
        }

        if (settings.User?.Contains(':', StringComparison.Ordinal) == true)
        {
            section.Report(FindingRules.OptionsConflict, "auth_basic_user", "A user name for Basic authentication must not contain ':'. Write another one.");
        }
    }

    private static bool IsThumbprint(string value) => _thumbprintLengths.Contains(value.Length) && value.All(char.IsAsciiHexDigit);

    /// <summary>Not looked at: the account of a run may not read the private key of the server.</summary>
    private static string? PathIn(SectionValues section, string key)
    {
        if (section.Text(key) is not string value)
        {
            return null;
        }

        try
        {
            return Path.GetFullPath(value, section.Folder);
        }
        catch (ArgumentException)
        {
            section.Report(FindingRules.PathInvalid, key, $"'{VisibleText.Of(value)}' is not a valid path. Write the full path.");
            return value;
        }
    }
}
