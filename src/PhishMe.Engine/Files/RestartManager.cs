using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;

namespace PhishMe.Engine.Files;

/// <summary>Asks the Restart Manager of Windows which programs have a file open. It knows those of this machine only, and not the drivers of virus scanners.</summary>
[SupportedOSPlatform("windows")]
internal static partial class RestartManager
{
    private const int KeyLength = 33; // CCH_RM_SESSION_KEY and its end
    private const int Most = 16;

    // RM_PROCESS_INFO: process id, start time, name of the application, name of the service, four numbers.
    private const int SizeOfProcess = 668;
    private const int OffsetOfName = 12;
    private const int SizeOfName = 512;

    /// <summary>Names and process ids; empty when no one has it open, or when the system does not tell.</summary>
    public static IReadOnlyList<string> HoldersOf(string path)
    {
        try
        {
            if (StartSession(out var session, 0, new char[KeyLength]) != 0)
            {
                return [];
            }

            try
            {
                return HoldersOf(session, Path.GetFullPath(path));
            }
            finally
            {
                _ = EndSession(session);
            }
        }
        catch (Exception missing) when (missing is DllNotFoundException or EntryPointNotFoundException)
        {
            return []; // Windows Server Core without it
        }
    }

    private static string[] HoldersOf(uint session, string path)
    {
        if (RegisterResources(session, 1, [path], 0, 0, 0, 0) != 0)
        {
            return [];
        }

        var count = (uint)Most;
        var found = new byte[Most * SizeOfProcess];
        if (GetList(session, out _, ref count, found, out _) != 0)
        {
            return []; // more than anyone wants to read, or not permitted
        }

        return [.. Enumerable.Range(0, (int)Math.Min(count, Most)).Select(i => Name(found.AsSpan(i * SizeOfProcess, SizeOfProcess)))];
    }

    private static string Name(ReadOnlySpan<byte> process)
    {
        var id = BinaryPrimitives.ReadUInt32LittleEndian(process);
        var name = Encoding.Unicode.GetString(process.Slice(OffsetOfName, SizeOfName)).Split('\0', 2)[0];
        return string.Create(CultureInfo.InvariantCulture, $"{(name.Length > 0 ? name : "a program")} (process {id})");
    }

    [LibraryImport("rstrtmgr", EntryPoint = "RmStartSession", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int StartSession(out uint session, uint flags, [Out] char[] key);

    [LibraryImport("rstrtmgr", EntryPoint = "RmRegisterResources", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int RegisterResources(uint session, uint fileCount, string[] files, uint applicationCount, nint applications, uint serviceCount, nint services);

    [LibraryImport("rstrtmgr", EntryPoint = "RmGetList")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int GetList(uint session, out uint needed, ref uint count, [Out] byte[] processes, out uint rebootReasons);

    [LibraryImport("rstrtmgr", EntryPoint = "RmEndSession")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int EndSession(uint session);
}
