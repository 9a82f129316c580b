using System.Runtime.CompilerServices;
using PhishMe.Engine.Api;
using PhishMe.Engine.Configuration;
using PhishMe.Engine.Destinations;
using PhishMe.Engine.Running.Logging;
using PhishMe.Engine.Running.Measuring;
using PhishMe.Engine.Serving.Measuring;
using PhishMe.Intelligence;
using Serilog.Core;

namespace PhishMe.Engine.Running.Checking;

/// <summary><c>phishme check</c>: would a run start, write and reach the API? Would its destinations take what it delivers? Changes nothing and leaves nothing behind.</summary>
internal sealed class Checkup(EngineSettings engine, string path)
{
    public async IAsyncEnumerable<CheckResult> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reading = ConfigurationReader.Read(path, engine.Reading);
        foreach (var finding in reading.Findings.Where(finding => finding.Severity != FindingSeverity.Information))
        {
            yield return Checks.Of(finding);
        }

        if (reading.Settings is not IntegrationSettings settings)
        {
            yield break;
        }

        yield return Checks.Pass("Configuration", $"{reading.Path} is valid.");
        if (settings.State.Shared is null)
        {
            yield return PlaceCheck.Run("State file", new WrittenPlace("db", settings.State.File));
        }

        foreach (var result in StateServerCheck.Run(engine.States, settings.State.Location, new SecretMask(settings)))
        {
            yield return result;
        }

        yield return PlaceCheck.Run("Log file", new WrittenPlace("log_file", settings.Log.File));
        if (settings.Metrics.TextFile is string metrics)
        {
            yield return PlaceCheck.Run("Metrics", new WrittenPlace("textfile", metrics));
        }

        if (settings.Metrics.Otlp is OtlpSettings collector)
        {
            yield return await CollectorAsync(collector, settings.Proxy, cancellationToken).ConfigureAwait(false);
        }

        yield return PlaceCheck.Run("Configuration folder", new WrittenPlace("-conf", settings.Path));
        foreach (var result in OwnershipCheck.Run(settings))
        {
            yield return result;
        }

        yield return Lock(settings);
        await foreach (var result in new DestinationCheckup(engine, settings).RunAsync(settings.Destinations, cancellationToken).ConfigureAwait(false))
        {
            yield return result;
        }

        await foreach (var result in ApiAsync(settings, cancellationToken).ConfigureAwait(false))
        {
            yield return result;
        }
    }

    private static CheckResult Lock(IntegrationSettings settings)
    {
        try
        {
            using var file = File.Open(settings.LockFile, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return Checks.Pass("Lock", "No run is under way.");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return Checks.Pass("Lock", "No run is under way.");
        }
        catch (UnauthorizedAccessException exception)
        {
            return Checks.Fail("Lock", $"The lock file {settings.LockFile} cannot be opened: {exception.Message}", Faults.LockUnavailable.RecommendedAction);
        }
        catch (IOException)
        {
            return Checks.Warn("Lock", $"A run is under way: {settings.LockFile} is held.", "Wait until it has ended; a second run would end at once with exit code 11.");
        }
    }

    private async Task<CheckResult> CollectorAsync(OtlpSettings settings, ProxySettings? proxy, CancellationToken cancellationToken)
    {
        using var collector = new OtlpCollector(settings, proxy, engine.Version, engine.Clock);
        return await collector.TryAskAsync(RunMonitoring.CollectorLimit, cancellationToken).ConfigureAwait(false) is string problem
            ? Checks.Warn("Metrics", problem, "Runs go on without it; each has a warning.")
            : Checks.Pass("Metrics", $"The collector {settings.Address.Authority} takes figures.");
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
            yield return Checks.Fail("API", unusable!);
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
}
