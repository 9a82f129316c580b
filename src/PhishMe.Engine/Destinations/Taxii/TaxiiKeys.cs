using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Intelligence;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Destinations.Taxii;

/// <summary>The keys that all TAXII servers share.</summary>
internal static class TaxiiKeys
{
    private const string Credentials = "api_token, or user and pass";

    /// <summary>The keys of the account.</summary>
    public static KeySchema[] Account() =>
    [
        Ours(Secret("api_token", "Token of the account (Bearer). Instead of user and pass.")),
        Ours(Text("user", "User name (Basic), if there is no api_token.")),
        Ours(Secret("pass", "Password of the user.")),
    ];

    /// <summary>The keys of what is sent.</summary>
    public static KeySchema[] Content(string marking) =>
    [
        Ours(Word("tlp", marking, ["none", "clear", "green", "amber", "amber+strict", "red"], "Traffic light marking of the objects.")),
        Ours(Flag("reports", "True", "Also a report for each threat, and families with what indicates them. False: indicators alone.")),
        Ours(Number("status_timeout", "60", 0, 3600, "Seconds to wait until the server has looked at what it took.")),
    ];

    /// <summary>Reads address and account.</summary>
    public static (HttpTargetSettings Target, IHttpAuthentication Authentication)? Read(SectionValues section)
    {
        ArgumentNullException.ThrowIfNull(section);
        var target = HttpKeys.Read(section, Credentials);
        if (section.Secret("api_token") is string token)
        {
            return target is null ? null : (target, new HeaderAuthentication("Authorization", $"Bearer {token}", token));
        }

        var user = section.RequiredText("user", "Write a token in api_token, or user and pass.");
        var password = section.RequiredSecret("pass", "Write a token in api_token, or user and pass.");
        return target is null ? null : (target, HeaderAuthentication.Basic(user, password));
    }

    /// <summary>Reads what is sent, and where to.</summary>
    /// <param name="section">The section.</param>
    /// <param name="wanted">Which threats and indicators.</param>
    /// <param name="apiRoot">Path of the API root.</param>
    public static TaxiiPushOptions ReadOptions(SectionValues section, DeliverySettings wanted, string apiRoot)
    {
        ArgumentNullException.ThrowIfNull(section);
        ArgumentNullException.ThrowIfNull(apiRoot);
        _ = TlpLevels.TryParse(section.Word("tlp"), out var marking);
        return new TaxiiPushOptions
        {
            // One object stands for a value, whoever carries it.
            Choice = IndicatorChoice.Of(wanted, TaxiiPushOptions.Kinds) with { SharesEntries = true },
            ApiRoot = $"/{apiRoot.Trim('/')}/",
            Collection = section.RequiredText("collection", "Write the id of the collection that takes what is pushed."),
            Validity = IndicatorValidity.Of(wanted),
            Marking = marking,
            SendsReports = section.Boolean("reports"),
            StatusPatience = TimeSpan.FromSeconds(section.Integer("status_timeout")),
        };
    }
}
