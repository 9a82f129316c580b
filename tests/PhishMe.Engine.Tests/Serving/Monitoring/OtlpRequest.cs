using System.Buffers.Binary;
using System.Text;

namespace PhishMe.Engine.Tests.Serving.Monitoring;

/// <summary>A request of OTLP, read by the wire format alone: nothing of what wrote it takes part.</summary>
/// <param name="Line">Method and path.</param>
/// <param name="Headers">The headers.</param>
/// <param name="Body">ExportMetricsServiceRequest.</param>
internal sealed record OtlpRequest(string Line, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    /// <summary>The body as text, to look for what must not be in it.</summary>
    public string Text => Encoding.Latin1.GetString(Body);

    /// <summary>The attributes of the resource.</summary>
    public Dictionary<string, string> Resource => Attributes(Parts(Only(Only(Body, 1), 1)), 1);

    /// <summary>The metrics, in order.</summary>
    public IReadOnlyList<OtlpMetric> Metrics =>
    [
        .. Parts(Only(Body, 1)).Where(part => part.Field == 2).SelectMany(scope => Parts(scope.Bytes)).Where(part => part.Field == 2).Select(metric => Metric(Parts(metric.Bytes))),
    ];

    /// <summary>The value of a metric that has one point, or of the point with a label.</summary>
    public double Value(string name, params (string Key, string Value)[] labels) => Metrics.Single(metric => metric.Name == name).Points
        .Single(point => labels.All(label => point.Labels.GetValueOrDefault(label.Key) == label.Value)).Value;

    private static OtlpMetric Metric(IReadOnlyList<Part> parts)
    {
        var data = parts.Single(part => part.Field is 5 or 7);
        var inner = Parts(data.Bytes);
        return new OtlpMetric(
            Text(1),
            Text(2),
            Text(3),
            data.Field == 7,
            inner.Where(part => part.Field == 2).Select(part => part.Number).SingleOrDefault(),
            inner.Any(part => part.Field == 3 && part.Number == 1),
            [.. inner.Where(part => part.Field == 1).Select(point => Point(Parts(point.Bytes)))]);

        string Text(int field) => Encoding.UTF8.GetString(parts.SingleOrDefault(part => part.Field == field).Bytes ?? []);
    }

    private static OtlpPoint Point(IReadOnlyList<Part> parts) => new(
        Attributes(parts, 7),
        parts.SingleOrDefault(part => part.Field == 4) is { Bytes: not null } real
            ? BitConverter.UInt64BitsToDouble(real.Number)
            : (long)parts.Single(part => part.Field == 6).Number,
        parts.SingleOrDefault(part => part.Field == 2).Number,
        parts.Single(part => part.Field == 3).Number);

    private static Dictionary<string, string> Attributes(IReadOnlyList<Part> parts, int field) => parts.Where(part => part.Field == field)
        .Select(part => Parts(part.Bytes))
        .ToDictionary(
            pair => Encoding.UTF8.GetString(pair.Single(part => part.Field == 1).Bytes),
            pair => Encoding.UTF8.GetString(Parts(pair.Single(part => part.Field == 2).Bytes).SingleOrDefault(part => part.Field == 1).Bytes ?? []));

    private static byte[] Only(byte[] message, int field) => Parts(message).Single(part => part.Field == field).Bytes;

    private static List<Part> Parts(byte[] message)
    {
        var parts = new List<Part>();
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            switch (tag & 7)
            {
                case 0:
                    parts.Add(new Part((int)(tag >> 3), [], Varint(message, ref at)));
                    break;
                case 1:
                    parts.Add(new Part((int)(tag >> 3), [], BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(at))));
                    at += 8;
                    break;
                case 2:
                    var length = (int)Varint(message, ref at);
                    parts.Add(new Part((int)(tag >> 3), message[at..(at + length)], 0));
                    at += length;
                    break;
                default:
                    throw new FormatException($"Wire type {tag & 7} at {at}.");
            }
        }

        return parts;
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = message[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }

    private readonly record struct Part(int Field, byte[] Bytes, ulong Number);
}
