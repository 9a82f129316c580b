using PhishMe.Engine.Configuration;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Syslog;

/// <summary>Turns a collector as a shell or a configuration file names it into an endpoint.</summary>
internal static class CollectorEndpoints
{
    /// <summary>The collector of a shell.</summary>
    /// <exception cref="PhishMeException">A value is out of range.</exception>
    public static SyslogEndpoint Endpoint(SyslogCollector target)
    {
        ArgumentNullException.ThrowIfNull(target);
        try
        {
            SyslogEndpoint endpoint = new()
            {
                Host = target.Host,
                Transport = target.Transport switch
                {
                    EventTransport.Tcp => SyslogTransport.Tcp,
                    EventTransport.Tls => SyslogTransport.Tls,
                    EventTransport.Udp => SyslogTransport.Udp,
                },
                Framing = target.Framing switch
                {
                    EventFraming.Rfc3164 => SyslogFraming.Rfc3164,
                    EventFraming.Rfc5424 => SyslogFraming.Rfc5424,
                    EventFraming.Legacy => SyslogFraming.Legacy,
                },
                MaximumEventsPerSecond = target.MaximumRate,
                Facility = target.Facility,
                Severity = target.Severity,
                AuthorityFile = target.AuthorityFile,
                ServerName = target.ServerName,
            };
            endpoint = target.Port is int port ? endpoint with { Port = port } : endpoint;
            return target.Delimiting switch
            {
                EventDelimiting.LineFeed => endpoint with { TcpFraming = SyslogTcpFraming.LineFeed },
                EventDelimiting.OctetCount => endpoint with { TcpFraming = SyslogTcpFraming.OctetCounting },
                null => endpoint,
            };
        }
        catch (ArgumentOutOfRangeException exception)
        {
            throw new PhishMeException(Faults.SettingInvalid, exception.Message, target.Host, exception);
        }
    }

    /// <summary>The collector of a configuration file.</summary>
    /// <exception cref="PhishMeException">It names none.</exception>
    public static SyslogEndpoint Endpoint(ConfigurationReading reading)
    {
        ArgumentNullException.ThrowIfNull(reading);
        var settings = reading.Settings
            ?? throw new PhishMeException(reading.Fault!.Kind, reading.Fault.Message, reading.Fault.Where);
        var syslog = settings.Outputs.Select(output => output.Syslog).FirstOrDefault(found => found is not null)
            ?? throw new PhishMeException(
                Faults.ConfigurationInvalid, "The configuration does not name a syslog collector: syslog_use is not True in [integration_raw_cef] or [output_cef].", reading.Path);
        return SyslogEndpoint.Of(syslog);
    }
}
