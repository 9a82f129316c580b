using System.Text.Json;
using PhishMe.Engine.Indicators;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Api;

/// <summary>One answer of <c>/indicator/search</c> (reference/api.md §5.5).</summary>
internal sealed record IndicatorPage : IDisposable
{
    public required IReadOnlyList<Indicator> Indicators { get; init; }

    public required int TotalPages { get; init; }

    public required long TotalElements { get; init; }

    /// <summary>Disposes the body.</summary>
    /// <exception cref="ApiException">The answer is not what the documentation promises.</exception>
    public static IndicatorPage Read(ResponseBody body, string where)
    {
        using (body)
        {
            try
            {
                using var document = JsonDocument.Parse(body.Bytes);
                var data = document.RootElement.Get("data"u8);
                if (data.ValueKind != JsonValueKind.Object)
                {
                    throw new ApiException(ApiFailure.Answer, "The answer has no data.", where);
                }

                var page = data.Get("page"u8);
                return new IndicatorPage
                {
                    Indicators = [.. data.Get("indicators"u8).Items().Select(Read).OfType<Indicator>()],
                    TotalPages = (int)Math.Clamp(page.Get("totalPages"u8).Whole() ?? 0, 0, int.MaxValue),
                    TotalElements = page.Get("totalElements"u8).Whole() ?? 0,
                };
            }
            catch (JsonException exception)
            {
                throw new ApiException(ApiFailure.Answer, "The answer is not JSON.", where, exception);
            }
        }
    }

    public void Dispose()
    {
        // Nothing is borrowed; disposable only so that it can be fetched ahead like other answers.
    }

    private static Indicator? Read(JsonElement indicator)
    {
        if (indicator.Get("ioc"u8).Words() is not { } value || indicator.Get("threat_id"u8).Whole() is not (>= 0 and var number))
        {
            return null;
        }

        var type = indicator.Get("indicator_type"u8).Words();
        var file = string.Equals(type, "File", StringComparison.OrdinalIgnoreCase);
        // The value says what it is; the API's word only tells files from the rest.
        var known = IndicatorNormalizer.TryDetect(value, out var kind, out var normalized);
        return new Indicator
        {
            ThreatId = new ThreatId(ThreatTypes.Parse(indicator.Get("threat_type"u8).Words()) ?? ThreatType.Malware, number),
            Kind = kind,
            Value = value,
            NormalizedValue = known ? normalized : null,
            Impact = indicator.Get("impact"u8).Impact(),
            Role = indicator.Get("role"u8).Words(),
            Source = file ? IndicatorSource.File : IndicatorSource.WatchList,
        };
    }
}
