using System.Runtime.CompilerServices;
using PhishMe.Engine.Api;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations;
using PhishMe.Intelligence;
using Serilog.Core;

namespace PhishMe.Engine.Running;

/// <summary><c>phishme check</c>: would a run start, write and reach the API? Changes nothing that stays.</summary>
internal sealed class Checkup(EngineSettings engine, string path)
{
    public async IAsyncEnumerable<CheckResult> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reading = ConfigurationReader.Read(path, engine.Reading);
        foreach (var result in Findings(reading))
        {
            yield return result;
        }

        if (reading.Settings is not IntegrationSettings settings)
        {
            yield break;
        }

        foreach ((var subject, var folder) in Folders(settings))
        {
            yield return Writable(subject, folder);
        }

        foreach (var result in OwnershipCheck.Run(settings))
        {
            yield return result;
        }

        yield return Lock(settings);
        await foreach (var result in ApiAsync(settings, cancellationToken).ConfigureAwait(false))
        {
            yield return result;
        }
    }

    private static IEnumerable<CheckResult> Findings(ConfigurationReading reading)
    {
        foreach (var finding in reading.Findings)
        {
            if (finding.Severity != FindingSeverity.Information)
            {
                yield return Result("Configuration", finding.Severity == FindingSeverity.Error ? CheckOutcome.Fail : CheckOutcome.Warn, finding.ToString());
            }
        }

        if (reading.Settings is not null)
        {
            yield return Result("Configuration", CheckOutcome.Pass, $"{reading.Path} is valid.");
        }
    }

    private static IEnumerable<(string Subject, string? Folder)> Folders(IntegrationSettings settings)
    {
        yield return ("State file", Path.GetDirectoryName(settings.State.File));
        yield return ("Log file", Path.GetDirectoryName(settings.Log.File));
        yield return ("Configuration folder", Path.GetDirectoryName(settings.Path));
        foreach (var output in settings.Outputs)
        {
            if (output.AppendFile is not null)
            {
                yield return ($"[{output.Section}] append_file_location", Path.GetDirectoryName(output.AppendFile));
            }

            if (output.Folder is not null)
            {
                yield return ($"[{output.Section}] multiple_file_location", Directory.Exists(output.Folder) ? output.Folder : Path.GetDirectoryName(output.Folder));
            }
        }

        foreach (var destination in settings.Destinations)
        {
            string[] folders =
            [
                .. FilesOf(destination).Select(path => Path.GetDirectoryName(path)).OfType<string>().Distinct()
                    .Select(folder => Directory.Exists(folder) ? folder : Path.GetDirectoryName(folder)).OfType<string>().Distinct(),
            ];
            foreach (var folder in folders)
            {
                yield return ($"[{destination.Section}]", folder);
            }
        }
    }

    private static IReadOnlyList<string> FilesOf(Destination destination) => destination switch
    {
        RebuiltDestination rebuilt => rebuilt.Files,
        TransactionalDestination appended => appended.Files,
        _ => [],
    };

    private static CheckResult Writable(string subject, string? folder)
    {
        if (folder is null || !Directory.Exists(folder))
        {
            return Result(subject, CheckOutcome.Fail, $"The folder {folder} does not exist. Create it, or change the path.");
        }

        var probe = Path.Combine(folder, $".phishme-check-{Guid.NewGuid():N}");
        try
        {
            using (File.Create(probe, 1, FileOptions.DeleteOnClose))
            {
                // Deleted on close.
            }

            return Result(subject, CheckOutcome.Pass, $"{folder} is writable.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Result(subject, CheckOutcome.Fail, $"{folder} is not writable: {exception.Message} Give the account permission to write there, or change the path.");
        }
    }

    private static CheckResult Lock(IntegrationSettings settings)
    {
        try
        {
            using var file = File.Open(settings.LockFile, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return Result("Lock", CheckOutcome.Pass, "No run is under way.");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return Result("Lock", CheckOutcome.Pass, "No run is under way.");
        }
        catch (UnauthorizedAccessException exception)
        {
            return Result("Lock", CheckOutcome.Fail, $"The lock file {settings.LockFile} cannot be opened: {exception.Message}");
        }
        catch (IOException)
        {
            return Result("Lock", CheckOutcome.Warn, $"A run is under way: {settings.LockFile} is held.");
        }
    }

    /// <summary>Certificates and authorities are read when the client is made.</summary>
    private ThreatHqClient? TryConnect(IntegrationSettings settings, out Fault? unusable)
    {
        unusable = null;
        try
        {
            return new ThreatHqClient(
                settings.Api, settings.Proxy, $"PhishMe.PowerShell/{engine.Version} (check)", engine.Timings, engine.Clock, Logger.None);
        }
        catch (PhishMeException exception)
        {
            unusable = exception.Fault;
            return null;
        }
    }

    private async IAsyncEnumerable<CheckResult> ApiAsync(IntegrationSettings settings, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (TryConnect(settings, out var unusable) is not ThreatHqClient client)
        {
            yield return Result("API", CheckOutcome.Fail, unusable!.ToString());
            yield break;
        }

        using (client)
        {
            await foreach (var result in ApiCheck.RunAsync(client, settings.Api.BaseUri, cancellationToken).ConfigureAwait(false))
            {
                yield return result;
            }
        }
    }

    private static CheckResult Result(string subject, CheckOutcome outcome, string message) =>
        new() { Subject = subject, Outcome = outcome, Message = message };
}
