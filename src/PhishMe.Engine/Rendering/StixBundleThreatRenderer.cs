using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>STIX 2.1: a bundle per threat, or one bundle around all threats of a document, as tools that import a file want it.</summary>
internal sealed class StixBundleThreatRenderer(StixBundleOptions options) : IThreatRenderer
{
    private readonly StixBundleRenderer _renderer = new(options);

    public RenderingResult Render(Threat threat, IBufferWriter<byte> output)
    {
        var leftOut = new LeftOutCounts();
        _renderer.Render(threat, output, leftOut);
        output.Put("\n"u8);
        return RenderingResult.Of(1, leftOut);
    }

    public IThreatDocument Begin(IBufferWriter<byte> output, bool continued = false) => new Bundle(_renderer, output);

#pragma warning disable CA1001 // The writer holds nothing but the buffer of the caller, and a document that is given up has no end to write.
    private sealed class Bundle : IThreatDocument
#pragma warning restore CA1001
    {
        private static readonly JsonWriterOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

        private readonly StixBundleRenderer _renderer;
        private readonly IBufferWriter<byte> _output;
        private readonly HashSet<string> _written = new(StringComparer.Ordinal);
        private readonly StringBuilder _line = new();
        private Utf8JsonWriter? _writer;
        private byte[] _digest = [];

        public Bundle(StixBundleRenderer renderer, IBufferWriter<byte> output)
        {
            _renderer = renderer;
            _output = output;
        }

        public RenderingResult Add(Threat threat)
        {
            ArgumentNullException.ThrowIfNull(threat);
            var json = Writer();
            if (_digest.Length == 0)
            {
                // An empty list is not allowed, so it begins with its first item.
                json.WriteStartArray("objects"u8);
            }

            var leftOut = new LeftOutCounts();
            _renderer.WriteObjects(threat, json, _written, null, leftOut);
            json.Flush();
            Remember(threat);
            return RenderingResult.Of(1, leftOut);
        }

        public void Complete()
        {
            var json = Writer();
            if (_digest.Length > 0)
            {
                json.WriteEndArray();
            }

            // At the end, because it is made of all threats: the same threats give the same id, others another.
            json.WriteString("id"u8, $"bundle--{NameBasedUuid.Create($"stix2|bundle|{Convert.ToHexStringLower(_digest)}"):D}");
            json.WriteEndObject();
            json.Flush();
            json.Dispose();
            _output.Put("\n"u8);
        }

        private Utf8JsonWriter Writer()
        {
            if (_writer is null)
            {
                _writer = new Utf8JsonWriter(_output, _json);
                _writer.WriteStartObject();
                _writer.WriteString("type"u8, "bundle"u8);
            }

            return _writer;
        }

        // A chain of hashes instead of a list of keys: memory must not grow with the number of threats.
        private void Remember(Threat threat)
        {
            _line.Clear().Append(
                CultureInfo.InvariantCulture,
                $"{Convert.ToHexStringLower(_digest)}|{threat.Id}|{threat.LastPublished?.ToUnixTimeMilliseconds()}|{threat.Withdrawn}");
            _digest = SHA256.HashData(Encoding.UTF8.GetBytes(_line.ToString()));
        }
    }
}
