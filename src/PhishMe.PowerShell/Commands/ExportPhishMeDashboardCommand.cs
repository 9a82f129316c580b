using System.Management.Automation;
using System.Text;
using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Commands;

/// <summary>Writes a page that shows how an integration is doing as one HTML file that needs nothing else.</summary>
[Cmdlet(VerbsData.Export, "PhishMeDashboard", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportPhishMeDashboardCommand : PhishMeCmdlet
{
    /// <summary>The file to write. Taken literally. An existing file is replaced.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("Path")]
    [ValidateNotNullOrEmpty]
    public string OutputPath { get; set; } = string.Empty;

    /// <summary>Path of the configuration file. Default: <c>config.ini</c> in the current location. Taken literally.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string ConfigPath { get; set; } = "config.ini";

    /// <summary>Write an error if the file already exists, instead of replacing it.</summary>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Return the file.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => DoOrEnd(
        () =>
        {
            var configuration = ResolveFile(ConfigPath);
            var file = ResolveFile(OutputPath, Faults.PathInvalid);
            if (NoClobber && File.Exists(file))
            {
                throw new PhishMeException(Faults.FileExists, "The file already exists.", file);
            }

            if (!ShouldProcess(file, "Write the dashboard"))
            {
                return;
            }

            var page = string.Empty;
            RunOperation(async (engine, _, token) => page = await engine.GetDashboardAsync(configuration, token).ConfigureAwait(false));
            Write(file, page);
            if (PassThru)
            {
                WriteObject(new FileInfo(file));
            }
        },
        OutputPath);

    private static void Write(string file, string page)
    {
        // A browser that reloads the page never sees half of it.
        var partial = $"{file}.{Guid.NewGuid():N}.partial";
        try
        {
            File.WriteAllText(partial, page, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            File.Move(partial, file, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            File.Delete(partial);
            throw new PhishMeException(Faults.FileUnwritable, $"The dashboard cannot be written: {exception.Message}", file, exception);
        }
    }
}
