using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace PhishMe.Simulator.Http;

/// <summary>The parameters of a request, whether they came in the query, as the vendor's client sends them, or as a form.</summary>
internal sealed class RequestParameters
{
    private readonly Dictionary<string, List<string>> _values = new(StringComparer.Ordinal);

    public IEnumerable<string> Names => _values.Keys;

    public static async Task<RequestParameters> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var parameters = new RequestParameters();
        parameters.Add(request.Query);
        if (request.HasFormContentType)
        {
            parameters.Add(await request.ReadFormAsync(cancellationToken));
        }

        return parameters;
    }

    public IReadOnlyList<string> All(string name) => _values.TryGetValue(name, out var values) ? values : [];

    public string? One(string name) => All(name) switch
    {
        [] => null,
        [var value] => value,
        _ => throw new BadRequestException($"{name} is given more than once"),
    };

    public long? Number(string name)
    {
        var text = One(name);
        return text is null ? null
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw new BadRequestException($"{name} is not a number: {text}");
    }

    public bool? Flag(string name) => One(name) switch
    {
        null => null,
        "true" => true,
        "false" => false,
        var other => throw new BadRequestException($"{name} is neither true nor false: {other}"),
    };

    private void Add(IEnumerable<KeyValuePair<string, StringValues>> pairs)
    {
        foreach ((var name, var values) in pairs)
        {
            if (!_values.TryGetValue(name, out var list))
            {
                _values[name] = list = [];
            }

            list.AddRange(values.Select(value => value ?? ""));
        }
    }
}
