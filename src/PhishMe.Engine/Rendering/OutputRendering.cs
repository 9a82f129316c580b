using System.Buffers;
using System.Collections.Concurrent;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Rendering;

/// <summary>
/// How one output writes its format: threats that are rendered here, the bytes of a stream and of a per-threat file, and what announces a withdrawal.
/// Nothing in it changes but its free buffers, so that threads may share one.
/// </summary>
internal sealed class OutputRendering
{
    private const int FirstSize = 32 * 1024;

    /// <summary>A buffer that a threat of unusual size made larger is not kept.</summary>
    private const int LargestKept = 1024 * 1024;

    private static readonly byte[] _lineFeed = [(byte)'\n'];

    private readonly IThreatRenderer _renderer;
    private readonly bool _legacy;

    /// <summary>Buffers of threads that are not rendering just now: a new one would grow to its size by doubling, each time.</summary>
    private readonly ConcurrentBag<ArrayBufferWriter<byte>> _buffers = [];

    /// <param name="options">The format and what goes with it. Conditions on threats and indicators are not for outputs of a run.</param>
    /// <param name="legacyLayout">Whether the files look like those of the original (<c>layout = legacy</c>).</param>
    /// <param name="scores">The score of each impact; null for the usual ones.</param>
    public OutputRendering(RenderingOptions options, bool legacyLayout = false, ScoreTable? scores = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        Format = FormatCatalogue.Of(options.Format);
        _renderer = Format.Renderer(options, scores ?? ScoreTable.Usual);
        _legacy = legacyLayout && Format.HasLegacyLayout;
    }

    /// <summary>The format.</summary>
    public FormatDescriptor Format { get; }

    /// <summary>Renders a threat: the bytes of its file, and of its place in a stream once <see cref="AddToStream"/> has separated it from the next.</summary>
    public ReadOnlyMemory<byte> Render(Threat threat)
    {
        var output = _buffers.TryTake(out var free) ? free : new ArrayBufferWriter<byte>(FirstSize);
        _renderer.Render(threat, output);
        var written = output.WrittenSpan;
        var bytes = (IsObject && written is [.., (byte)'\n'] ? written[..^1] : written).ToArray();
        if (output.Capacity <= LargestKept)
        {
            output.ResetWrittenCount();
            _buffers.Add(output);
        }

        return bytes;
    }

    /// <summary>Adds a threat to the parts of a stream. JSON: one compact object per line. CEF: whole lines. STIX: the document and one LF.</summary>
    /// <param name="parts">Takes the bytes.</param>
    /// <param name="bytes">The threat, as it was downloaded or as <see cref="Render"/> wrote it.</param>
    /// <param name="isCompact">Whether JSON is known to be one line.</param>
    public void AddToStream(ICollection<ReadOnlyMemory<byte>> parts, ReadOnlyMemory<byte> bytes, bool isCompact = false)
    {
        parts.Add(Format.Document != DocumentForm.JsonLines ? bytes
            : _legacy ? InLegacyLayout(bytes)
            : isCompact ? bytes
            : CompactJson.Of(bytes));
        if (Format.Document != DocumentForm.Lines)
        {
            parts.Add(_lineFeed);
        }
    }

    /// <summary>The content of a per-threat file: the bytes themselves; in the legacy layout JSON as the original printed it.</summary>
    public ReadOnlyMemory<byte> FileOf(ReadOnlyMemory<byte> bytes) => _legacy && !bytes.IsEmpty ? InLegacyLayout(bytes) : bytes;

    /// <summary>What tells a stream that a threat was withdrawn, ended by LF; empty where the format has no word for it.</summary>
    public ReadOnlyMemory<byte> Withdrawn(WithdrawnThreat withdrawn)
    {
        if (!Format.AnnouncesWithdrawal)
        {
            return default;
        }

        var output = new ArrayBufferWriter<byte>();
        _renderer.Render(Format.Document == DocumentForm.JsonDocument ? withdrawn.Read() : withdrawn.Unread(), output);
        if (!_legacy || withdrawn.LastKnown is null)
        {
            return output.WrittenMemory;
        }

        var legacy = new ArrayBufferWriter<byte>(output.WrittenCount * 2);
        LegacyJsonRenderer.Render(output.WrittenMemory[..^1], legacy);
        legacy.Write(_lineFeed);
        return legacy.WrittenMemory;
    }

    private bool IsObject => Format.Document is DocumentForm.JsonLines or DocumentForm.JsonDocument;

    private static ReadOnlyMemory<byte> InLegacyLayout(ReadOnlyMemory<byte> bytes)
    {
        var output = new ArrayBufferWriter<byte>(bytes.Length * 2);
        LegacyJsonRenderer.Render(bytes, output);
        return output.WrittenMemory;
    }
}
