using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Serilog.Events;

namespace PhishMe.Engine.Running.Logging;

/// <summary>The Application log of Windows, source PhishMe. Event 1 is the end of a run, event 2 an error.</summary>
[SupportedOSPlatform("windows")]
internal sealed partial class WindowsEventLog : ISystemLog
{
    private const string Source = "PhishMe";
    private const ushort Error = 0x1;
    private const ushort Warning = 0x2;
    private const ushort Information = 0x4;

    /// <summary>ReportEvent takes 31,839 characters a string.</summary>
    private const int LongestText = 31_000;

    public void Write(LogEventLevel level, string text)
    {
        var source = RegisterEventSource(null, Source);
        if (source == 0)
        {
            return; // not permitted, or the service is stopped
        }

        try
        {
            var isError = level >= LogEventLevel.Error;
            var type = isError ? Error : level == LogEventLevel.Warning ? Warning : Information;
            _ = ReportEvent(source, type, 0, isError ? 2u : 1u, 0, 1, 0, [text.Length > LongestText ? text[..LongestText] : text], 0);
        }
        finally
        {
            _ = DeregisterEventSource(source);
        }
    }

    [LibraryImport("advapi32", EntryPoint = "RegisterEventSourceW", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint RegisterEventSource(string? server, string source);

    [LibraryImport("advapi32", EntryPoint = "ReportEventW", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int ReportEvent(
        nint source, ushort type, ushort category, uint id, nint user, ushort count, uint size, string[] strings, nint data);

    [LibraryImport("advapi32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int DeregisterEventSource(nint source);
}
