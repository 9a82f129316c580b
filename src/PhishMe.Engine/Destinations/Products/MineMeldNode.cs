using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;
using static PhishMe.Engine.Configuration.Keys;

namespace PhishMe.Engine.Destinations.Products;

/// <summary>
/// Palo Alto MineMeld: indicators pushed to a node of the type localdb, for [integration_paloalto_minemeld] with <c>mode = localdb</c>. A node holds one
/// entry for a value. It has no call that removes one: what is taken back is sent again and ends a second later.
/// </summary>
internal static class MineMeldNode
{
    private const int SecondsPerDay = 24 * 60 * 60;

    private static readonly HashSet<IndicatorKind> _kinds =
    [
        IndicatorKind.IPv4, IndicatorKind.IPv6, IndicatorKind.Domain, IndicatorKind.Url, IndicatorKind.Email, IndicatorKind.Md5, IndicatorKind.Sha1,
        IndicatorKind.Sha256,
    ];

    /// <summary>The keys of this mode.</summary>
    public static KeySchema[] Keys() =>
    [
        Ours(Word("mode", "file", ["file", "localdb"], "How indicators are delivered: file, or localdb for a node of MineMeld by its API.")),
        Ours(Url("host_with_protocol", "", "Address of MineMeld, such as https://minemeld.example. Only for localdb.")),
        Ours(Text("user", "An administrator of MineMeld. Only for localdb.")),
        Ours(Secret("pass", "The password. Only for localdb.")),
        Ours(Text("node", "Name of the node; of a type that takes indicators by API. Use a node of its own. Only for localdb.")),
        Ours(Number("ttl_days", "90", 1, 3650, "Days after which MineMeld drops an indicator that was not delivered again. Only for localdb.")),
        HttpKeys.Verify(),
        .. HttpKeys.Connection(),
    ];

    /// <summary>Reads the section; what is wrong becomes a finding.</summary>
    /// <param name="section">[integration_paloalto_minemeld].</param>
    /// <param name="wanted">Which indicators.</param>
    public static IReadOnlyList<Destination> Read(SectionValues section, DeliverySettings wanted)
    {
        var node = section.RequiredText("node", "Write the name of the node in MineMeld.");
        var user = section.RequiredText("user", "Write the name of an administrator of MineMeld.");
        var password = section.RequiredSecret("pass", "Write the password of the administrator.");
        if (HttpKeys.Read(section, "user and pass") is not HttpTargetSettings target || node.Length == 0 || user.Length == 0 || password.Length == 0)
        {
            return [];
        }

        var id = new DestinationId("paloalto_minemeld");
        var choice = IndicatorChoice.Of(wanted, _kinds) with { SharesEntries = true };
        var days = section.Integer("ttl_days");
        return
        [
            new QueuedDestination
            {
                Id = id,
                Section = section.Name,
                Retention = choice.Retention,
                Open = host => new HttpDestination(target, HeaderAuthentication.Basic(user, password), new Profile(id, node, days, choice), host),
            },
        ];
    }

    private sealed class Profile(DestinationId id, string node, int days, IndicatorChoice choice) : IHttpProfile
    {
        private readonly string _data = $"/config/data/{Uri.EscapeDataString(node)}_indicators";
        private readonly string _query = $"?t=localdb&h={Uri.EscapeDataString(node)}";

        public QueueBatch LargestBatch { get; } = new(500, 512 * 1024);

        public bool RecognizesRepeats => true;

        public bool KeepsState => true;

        public IndicatorChoice Choice => choice;

        public TimeSpan? Lifetime { get; } = TimeSpan.FromDays(days);

        public IEnumerable<QueueItem> Compose(Delivery delivery) =>
            choice.Compose(id, delivery, (threat, indicator) => JsonBody.OfObject(json => Write(json, threat, indicator)));

        public async Task<BatchAnswer> SendAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken)
        {
            var call = HttpCall.Post($"{_data}/append{_query}", JsonBody.Of(json =>
            {
                json.WriteStartArray();
                foreach (var item in items)
                {
                    json.WriteRawValue(item.Payload.Span, skipInputValidation: true);
                }

                json.WriteEndArray();
            })) with
            { ServerErrorIsAnswer = true };
            var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
            switch (answer.Status)
            {
                case HttpStatusCode.NotFound:
                    throw target.Misconfigured($"{target.Host} does not know the node {node}. Check node of [{target.Section}].", call);
                case var _ when !answer.IsSuccess:
                    return new BatchAnswer.Refused(answer.Words());
            }

            target.JsonOf(answer, call, json => json.Text("result") == "ok");
            return BatchAnswer.Accepted(items.Count);
        }

        /// <summary>Reading proves the credentials and the node; an empty list is taken and changes nothing.</summary>
        public async IAsyncEnumerable<CheckResult> CheckAsync(HttpTarget target, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var call = HttpCall.Post($"{_data}/append{_query}", "[]"u8.ToArray());
            var answer = await target.CallAsync(call, cancellationToken).ConfigureAwait(false);
            if (answer.Status == HttpStatusCode.NotFound)
            {
                throw target.Misconfigured($"{target.Host} does not know the node {node}. Check node of [{target.Section}].", call);
            }

            if (!answer.IsSuccess)
            {
                throw target.Misconfigured($"{target.Host} does not take indicators for the node {node}: {answer.Words()}", call);
            }

            target.JsonOf(answer, call, json => json.Text("result") == "ok");
            yield return Checks.Pass(target.Section, $"{target.Host} accepts the credentials, and the node {node} takes indicators.");
        }

        private void Write(Utf8JsonWriter json, Threat? threat, Indicator indicator)
        {
            json.WriteString("indicator", indicator.Kind == IndicatorKind.Url ? IndicatorValue.Of(indicator) : indicator.NormalizedValue);
            json.WriteString("type", PaloAltoMineMeld.TypeOf(indicator.Kind));
            if (threat is null)
            {
                json.WriteNumber("ttl", 1);
                return;
            }

            json.WriteNumber("ttl", days * SecondsPerDay);
            json.WriteNumber("confidence", choice.ConfidenceIn(indicator));
            json.WriteString("share_level", "yellow");
            json.WriteString("comment", string.Join(", ", new[] { threat.Id.ToString(), indicator.Role, indicator.Family ?? indicator.DeliveryMechanism }.OfType<string>()));
        }
    }
}
