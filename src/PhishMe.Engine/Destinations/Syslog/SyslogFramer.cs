using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using PhishMe.Engine.Configuration;

namespace PhishMe.Engine.Destinations.Syslog;

/// <summary>Puts an event into the frame an endpoint asks for. The bytes of the event itself are never changed.</summary>
internal sealed class SyslogFramer
{
    /// <summary>
    /// Largest payload of a UDP datagram over IPv4 (bytes): 65,535 less 20 for IP and 8 for UDP. IPv6 has room for a few more; one limit for both.
    /// </summary>
    public const int MaximumDatagram = 65_507;

    /// <summary>Size (bytes) that every UDP receiver should accept (RFC 5426 section 3.2).</summary>
    public const int AdvisableDatagram = 2_048;

    /// <summary>Size (bytes) that every receiver on a connection should accept (RFC 5425 section 4.3.1), and the default limit of rsyslog.</summary>
    public const int AdvisableMessage = 8_192;

    private static readonly SearchValues<byte> LineBreaks = SearchValues.Create("\r\n"u8);

    private readonly SyslogFraming _framing;
    private readonly SyslogTransport _transport;
    private readonly bool _counted;
    private readonly TimeProvider _time;
    private readonly byte[] _beforeTime;
    private readonly byte[] _afterTime;

    /// <summary>Creates a framer.</summary>
    /// <param name="endpoint">The collector.</param>
    /// <param name="time">The clock (and, for RFC 3164, the time zone) of the timestamps.</param>
    /// <param name="hostName">Name of this machine for the header.</param>
    /// <param name="processId">Id of this process for the header.</param>
    public SyslogFramer(SyslogEndpoint endpoint, TimeProvider time, string hostName, int processId)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(hostName);
        _time = time;
        _framing = endpoint.Framing;
        _transport = endpoint.Transport;
        _counted = endpoint.TcpFraming == SyslogTcpFraming.OctetCounting;
        var priority = endpoint.Priority.ToString(CultureInfo.InvariantCulture);
        var host = Printable(hostName);
        (_beforeTime, _afterTime) = _framing switch
        {
            // RFC 3164 section 4.1.2 wants the host without its domain.
            SyslogFraming.Rfc3164 => (Ascii($"<{priority}>"), Ascii($" {host.Split('.')[0]} ")),
            SyslogFraming.Rfc5424 => (
                Ascii($"<{priority}>1 "),
                Ascii(string.Create(CultureInfo.InvariantCulture, $" {host} PhishMe {processId} {endpoint.MessageId} - "))),
            SyslogFraming.None => ([], []),
            _ => (Ascii($"<{priority}>"), []),
        };
    }

    /// <summary>Frames one event.</summary>
    /// <param name="message">The event without a line break at its end.</param>
    /// <param name="writer">Takes the frame; untouched when the event is rejected.</param>
    /// <param name="oversized">Whether a receiver with default settings may cut the event.</param>
    /// <returns>Null when written, otherwise why not.</returns>
    public SyslogRejectionReason? Write(ReadOnlySpan<byte> message, IBufferWriter<byte> writer, out bool oversized)
    {
        ArgumentNullException.ThrowIfNull(writer);
        oversized = false;
        if (message.IsEmpty)
        {
            return SyslogRejectionReason.Empty;
        }

        if (message.ContainsAny(LineBreaks))
        {
            return SyslogRejectionReason.LineBreak;
        }

        Span<byte> clock = stackalloc byte[32];
        clock = clock[..WriteTime(clock)];
        var length = _beforeTime.Length + clock.Length + _afterTime.Length + message.Length;
        if (_transport == SyslogTransport.Udp)
        {
            if (length > MaximumDatagram)
            {
                return SyslogRejectionReason.TooLarge;
            }

            oversized = length > AdvisableDatagram;
        }
        else
        {
            oversized = length > AdvisableMessage;
            if (_counted)
            {
                WriteCount(length, writer);
            }
        }

        writer.Write(_beforeTime);
        writer.Write(clock);
        writer.Write(_afterTime);
        writer.Write(message);
        if (_transport != SyslogTransport.Udp && !_counted)
        {
            writer.Write("\n"u8);
        }

        return null;
    }

    private static void WriteCount(int length, IBufferWriter<byte> writer)
    {
        Span<byte> digits = stackalloc byte[11];
        Utf8Formatter.TryFormat(length, digits, out var count);
        digits[count++] = (byte)' ';
        writer.Write(digits[..count]);
    }

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);

    /// <summary>HOSTNAME: printable ASCII without blanks, 255 characters, or the nil value (RFC 5424 section 6.2.4).</summary>
    private static string Printable(string name)
    {
        var kept = new string([.. name.Where(c => c is > ' ' and < '\x7f').Take(255)]);
        return kept.Length == 0 || kept[0] == '.' ? "-" : kept;
    }

    private int WriteTime(Span<byte> target)
    {
        int count;
        switch (_framing)
        {
            case SyslogFraming.Rfc3164:
                // Local time, a blank before a day of one digit (RFC 3164 section 4.1.2).
                var local = _time.GetLocalNow();
                var format = local.Day < 10 ? "MMM ' 'd HH':'mm':'ss" : "MMM dd HH':'mm':'ss";
                local.TryFormat(target, out count, format, CultureInfo.InvariantCulture);
                return count;
            case SyslogFraming.Rfc5424:
                // At most six digits of a second (RFC 5424 section 6.2.3).
                _time.GetUtcNow().TryFormat(target, out count, "yyyy-MM-dd'T'HH':'mm':'ss'.'ffffff'Z'", CultureInfo.InvariantCulture);
                return count;
            default:
                return 0;
        }
    }
}
