using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace PhishMe.Simulator.Http;

/// <summary>Status, type and body of an answer.</summary>
internal sealed class Answer : IDisposable
{
    public const string Json = "application/json;charset=UTF-8";
    public const string PlainText = "text/plain;charset=UTF-8";

    public static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public int Status { get; init; } = StatusCodes.Status200OK;

    public string ContentType { get; init; } = Json;

    public PooledBuffer Body { get; } = new();

    public Dictionary<string, string> Headers { get; } = [];

    /// <summary>An error in the shape that peers of the server expect.</summary>
    public static Answer Problem(int status, string message)
    {
        var answer = new Answer { Status = status };
        using var writer = new Utf8JsonWriter(answer.Body, JsonOptions);
        writer.WriteStartObject();
        writer.WriteBoolean("success"u8, false);
        writer.WriteStartObject("data"u8);
        writer.WriteString("exception"u8, message);
        writer.WriteEndObject();
        writer.WriteEndObject();
        return answer;
    }

    /// <summary><c>{"success":true,"data":…}</c> with the data written by the caller.</summary>
    public static Answer Success(Action<Utf8JsonWriter> data)
    {
        var answer = new Answer();
        using var writer = new Utf8JsonWriter(answer.Body, JsonOptions);
        writer.WriteStartObject();
        writer.WriteBoolean("success"u8, true);
        writer.WritePropertyName("data"u8);
        data(writer);
        writer.WriteEndObject();
        return answer;
    }

    public static Answer Text(string contentType, string body)
    {
        var answer = new Answer { ContentType = contentType };
        Encoding.UTF8.GetBytes(body, answer.Body);
        return answer;
    }

    public static Answer Bytes(string contentType, ReadOnlySpan<byte> body)
    {
        var answer = new Answer { ContentType = contentType };
        answer.Body.Write(body);
        return answer;
    }

    public void Dispose() => Body.Dispose();
}
