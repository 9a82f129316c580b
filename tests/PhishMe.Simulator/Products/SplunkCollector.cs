using System.Globalization;
using System.Text;
using System.Text.Json;

namespace PhishMe.Simulator.Products;

/// <summary>
/// The HTTP event collector of Splunk as its documentation has it: tokens, codes, acknowledgement. It reads events in turn and stops at a bad one; those
/// before it are kept.
/// </summary>
public sealed class SplunkCollector(string token) : ISimulatedProduct
{
    private readonly List<string> _indexed = [];
    private readonly Dictionary<long, List<string>> _waiting = [];
    private long _nextAcknowledgement;

    /// <summary>Indexes that the token may write to.</summary>
    public IReadOnlySet<string> Indexes { get; init; } = new HashSet<string> { "main" };

    /// <summary>Whether the token is one with acknowledgement.</summary>
    public bool HasAcknowledgement { get; init; }

    /// <summary>Whether events are taken and dropped, as a misconfigured index does it.</summary>
    public bool KeepsNothing { get; init; }

    /// <summary>Whether events are indexed when asked for; otherwise never.</summary>
    public bool IsIndexing { get; set; } = true;

    /// <summary>Whether events are indexed as they come while the answers to questions about that never say so, as when an indexer is replaced.</summary>
    public bool LosesAcknowledgements { get; set; }

    /// <summary>Bytes of a body at most.</summary>
    public int LargestBody { get; init; } = 1024 * 1024;

    /// <summary>The number that the first event of a body has in <c>invalid-event-number</c>: 0 and 1 were both seen.</summary>
    public int FirstEventNumber { get; init; }

    /// <summary>An event that holds this text is refused.</summary>
    public string? Poison { get; init; }

    /// <summary>Events that searches find, in the order of their arrival.</summary>
    public IReadOnlyList<string> Indexed => _indexed;

    /// <summary>Begins with no events.</summary>
    public void Forget() => _indexed.Clear();

    public ProductAnswer Answer(ProductRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Header("Authorization") is not string authorization)
        {
            return Code(401, 2, "Token is required");
        }

        if (!authorization.StartsWith("Splunk ", StringComparison.Ordinal))
        {
            return Code(401, 3, "Invalid authorization");
        }

        if (authorization["Splunk ".Length..] != token)
        {
            return Code(403, 4, "Invalid token");
        }

        if (HasAcknowledgement && !Guid.TryParse(request.Header("X-Splunk-Request-Channel"), out _))
        {
            return Code(400, 10, "Data channel is missing");
        }

        return request.Path switch
        {
            "/services/collector/event" => Take(request.Body),
            "/services/collector/ack" => Acknowledge(request.Body),
            _ => ProductAnswer.Page(404, "Not Found"),
        };
    }

    private static ProductAnswer Code(int status, int code, string text, string more = "") =>
        ProductAnswer.Json(status, FormattableString.Invariant($$"""{"text":"{{text}}","code":{{code}}{{more}}}"""));

    private ProductAnswer Take(byte[] body)
    {
        if (body.Length == 0)
        {
            return Code(400, 5, "No data");
        }

        if (body.Length > LargestBody)
        {
            return Code(413, 27, "Content of request too large");
        }

        var taken = new List<string>();
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { AllowMultipleValues = true });
        while (Read(ref reader, out var element))
        {
            var text = element is JsonElement known ? known.GetRawText() : string.Empty;
            var problem = element is not JsonElement json || (Poison is not null && text.Contains(Poison, StringComparison.Ordinal)) ? (6, "Invalid data format")
                : !json.TryGetProperty("event", out _) ? (12, "Event field is required")
                : json.TryGetProperty("index", out var index) && !Indexes.Contains(index.GetString()!) ? (7, "Incorrect index")
                : (0, string.Empty);
            if (problem.Item1 != 0)
            {
                Keep(taken);
                return Code(
                    400, problem.Item1, problem.Item2,
                    string.Create(CultureInfo.InvariantCulture, $",\"invalid-event-number\":{taken.Count + FirstEventNumber}"));
            }

            taken.Add(text);
        }

        if (!HasAcknowledgement)
        {
            Keep(taken);
            return Code(200, 0, "Success");
        }

        if (LosesAcknowledgements)
        {
            Keep(taken);
        }
        else
        {
            _waiting.Add(_nextAcknowledgement, taken);
        }

        return Code(200, 0, "Success", string.Create(CultureInfo.InvariantCulture, $",\"ackId\":{_nextAcknowledgement++}"));
    }

    private void Keep(List<string> events)
    {
        if (!KeepsNothing)
        {
            _indexed.AddRange(events);
        }
    }

    private static bool Read(ref Utf8JsonReader reader, out JsonElement? element)
    {
        element = null;
        try
        {
            if (!reader.Read())
            {
                return false;
            }

            using var document = JsonDocument.ParseValue(ref reader);
            element = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            // A bad event: the caller names its place.
        }

        return true;
    }

    private ProductAnswer Acknowledge(byte[] body)
    {
        using var question = JsonDocument.Parse(body);
        var answers = new StringBuilder();
        foreach (var id in question.RootElement.GetProperty("acks").EnumerateArray().Select(id => id.GetInt64()))
        {
            var isIndexed = IsIndexing && !KeepsNothing && _waiting.ContainsKey(id);
            if (isIndexed && _waiting.Remove(id, out var events))
            {
                _indexed.AddRange(events);
            }

            answers.Append(answers.Length > 0 ? "," : string.Empty).Append(CultureInfo.InvariantCulture, $"\"{id}\":{(isIndexed ? "true" : "false")}");
        }

        return ProductAnswer.Json(200, "{\"acks\":{" + answers + "}}");
    }
}
