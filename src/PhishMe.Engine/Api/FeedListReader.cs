using System.Text.Json;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Api;

/// <summary>Reads an answer of <c>/feed/</c> (reference/api.md §5.4).</summary>
internal static class FeedListReader
{
    /// <summary>Disposes the body.</summary>
    /// <exception cref="ApiException">The answer is not JSON.</exception>
    public static IReadOnlyList<Feed> Read(ResponseBody body, string where)
    {
        using (body)
        {
            try
            {
                using var document = JsonDocument.Parse(body.Bytes);
                if (document.RootElement.ValueKind != JsonValueKind.Object)
                {
                    throw new ApiException(ApiFailure.Answer, "The answer is not a JSON object.", where);
                }

                return
                [
                    .. from feed in document.RootElement.Get("data"u8).Items()
                       let id = feed.Get("id"u8).Whole()
                       where id is not null
                       let rights = feed.Get("permissions"u8)
                       select new Feed
                       {
                           Id = id.Value,
                           Name = feed.Get("displayName"u8).Words() ?? string.Empty,
                           CanRead = rights.Get("READ"u8).Flag(),
                           CanWrite = rights.Get("WRITE"u8).Flag(),
                           IsOwner = rights.Get("OWNER"u8).Flag(),
                       },
                ];
            }
            catch (JsonException exception)
            {
                throw new ApiException(ApiFailure.Answer, "The answer is not JSON.", where, exception);
            }
        }
    }
}
