using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace PhishMe.Benchmarks;

/// <summary>A reader as they are: Basic, pages by <c>next</c>, then polls from the date added that it saw last. Most readers accept gzip.</summary>
/// <param name="http">The connections.</param>
/// <param name="root">The address of the API root.</param>
/// <param name="authorization">The credentials.</param>
/// <param name="acceptsGzip">Whether it unpacks answers.</param>
internal sealed class TaxiiClient(HttpClient http, Uri root, string authorization, bool acceptsGzip)
{
    private static readonly MediaTypeWithQualityHeaderValue _taxii = MediaTypeWithQualityHeaderValue.Parse("application/taxii+json;version=2.1");

    /// <summary>A page begins with more and next.</summary>
    private readonly byte[] _head = new byte[2048];

    private byte[] _body = new byte[128 * 1024];

    /// <summary>The date added of the last object that it saw; null before the first.</summary>
    public DateTimeOffset? Last { get; private set; }

    /// <summary>Follows the pages of a collection.</summary>
    /// <param name="collection">The alias of the collection.</param>
    /// <param name="after">Objects that were added later than this; null for all.</param>
    /// <param name="most">Pages at most.</param>
    /// <param name="pause">How long it works on a page before it asks for the next one.</param>
    /// <param name="pages">Takes what it got.</param>
    /// <param name="stop">Ends it.</param>
    public async Task FollowAsync(string collection, DateTimeOffset? after, int most, TimeSpan pause, PolledPages pages, CancellationToken stop)
    {
        string? next = null;
        for (var i = 0; i < most && (i == 0 || next is not null) && !stop.IsCancellationRequested; i++)
        {
            var query = $"?limit={PolledPages.Full}"
                + (after is DateTimeOffset from ? $"&added_after={from.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)}" : string.Empty)
                + (next is null ? string.Empty : $"&next={next}");
            next = await PollAsync(new Uri(root, $"collections/{collection}/objects/{query}"), pages, stop);
            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, stop);
            }
        }
    }

    /// <returns>The next page; null when there is no more.</returns>
    private async Task<string?> PollAsync(Uri address, PolledPages pages, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.Add(_taxii);
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        if (acceptsGzip)
        {
            request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip, deflate");
        }

        try
        {
            var begin = Stopwatch.GetTimestamp();
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
            var length = await ReadAsync(answer, stop);
            var time = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
            if (!answer.IsSuccessStatusCode)
            {
                pages.Fail(FormattableString.Invariant($"{(int)answer.StatusCode} for {address.PathAndQuery}: {Encoding.UTF8.GetString(_body, 0, Math.Min(length, 200))}"));
                return null;
            }

            if (answer.Headers.TryGetValues("X-TAXII-Date-Added-Last", out var dates))
            {
                Last = DateTimeOffset.Parse(dates.Single(), CultureInfo.InvariantCulture);
            }

            var isCompressed = answer.Content.Headers.ContentEncoding.Contains("gzip");
            var next = NextOf(length, isCompressed);
            pages.Add(time, _body.AsSpan(0, length), isCompressed, next is not null);
            return next;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidDataException or JsonException)
        {
            pages.Fail($"{exception.GetType().Name} for {address.PathAndQuery}: {exception.Message}");
            return null;
        }
    }

    private async Task<int> ReadAsync(HttpResponseMessage answer, CancellationToken stop)
    {
        await using var stream = await answer.Content.ReadAsStreamAsync(stop);
        var length = 0;
        while (await stream.ReadAsync(_body.AsMemory(length), stop) is > 0 and var read)
        {
            length += read;
            if (length == _body.Length)
            {
                Array.Resize(ref _body, _body.Length * 2);
            }
        }

        return length;
    }

    private string? NextOf(int length, bool isCompressed)
    {
        var head = _body.AsSpan(0, Math.Min(length, _head.Length));
        if (isCompressed)
        {
            using var stream = new GZipStream(new MemoryStream(_body, 0, length), CompressionMode.Decompress);
            head = _head.AsSpan(0, stream.ReadAtLeast(_head, _head.Length, throwOnEndOfStream: false));
        }

        var reader = new Utf8JsonReader(head, isFinalBlock: false, default);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName)
            {
                continue;
            }

            if (reader.ValueTextEquals("objects"u8))
            {
                break;
            }

            if (reader.ValueTextEquals("next"u8))
            {
                return reader.Read() ? reader.GetString() : throw new InvalidDataException("The word for the next page is too long.");
            }
        }

        return null;
    }
}
