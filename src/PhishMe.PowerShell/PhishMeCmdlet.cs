using System.Collections.ObjectModel;
using System.Diagnostics;
using System.Management.Automation;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Hosting;
using PhishMe.PowerShell.Presenting;
using PhishMe.PowerShell.Pumping;

namespace PhishMe.PowerShell;

/// <summary>What all cmdlets of the module share: an asynchronous operation behind a synchronous pipeline, and faults as error records.</summary>
public abstract class PhishMeCmdlet : PSCmdlet, IDisposable
{
    private const int ProgressActivityId = 0x504D; // "PM": apart from the ids other commands count from 0.

    internal static readonly string ModuleVersion = typeof(PhishMeCmdlet).Assembly.GetName().Version!.ToString(3);

    private readonly EnginePump _pump = new();
    private bool _progressShown;

    /// <summary>Releases what the cmdlet holds and cancels what still runs.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the cmdlet holds.</summary>
    /// <param name="disposing">Whether it is called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _pump.Dispose();
        }
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _pump.Stop();

    /// <summary>Runs an operation of the engine; its messages reach the streams of this cmdlet in order.</summary>
    /// <param name="operation">The operation, run on the thread pool.</param>
    /// <exception cref="PhishMeException">The operation failed.</exception>
    /// <exception cref="PipelineStoppedException">The user stopped the pipeline.</exception>
    private protected void RunOperation(Func<IIntelligenceEngine, PumpWriter, CancellationToken, Task> operation)
    {
        var elapsed = Stopwatch.StartNew();
        try
        {
            _pump.Run(
                (writer, cancellation) => OperateAsync(operation, writer, cancellation),
                message => Receive(message, elapsed));
        }
        catch (OperationCanceledException) when (_pump.IsStopped)
        {
            throw new PipelineStoppedException();
        }
        finally
        {
            // A stopped pipeline takes no more records; the host clears its bars by itself then.
            if (_progressShown && !_pump.IsStopped)
            {
                _progressShown = false;
                WriteProgress(new ProgressRecord(ProgressActivityId, "PhishMe", "Done") { RecordType = ProgressRecordType.Completed });
            }
        }
    }

    /// <summary>Goes through results on this thread, as long as the user lets it; no result waits for the next one.</summary>
    /// <typeparam name="T">What the results are.</typeparam>
    /// <param name="read">Makes the results; its token is cancelled when the user stops the pipeline.</param>
    /// <param name="receive">Takes each of them.</param>
    /// <exception cref="PhishMeException">They cannot be had.</exception>
    /// <exception cref="PipelineStoppedException">The user stopped the pipeline.</exception>
    private protected void Walk<T>(Func<CancellationToken, IEnumerable<T>> read, Action<T> receive)
    {
        try
        {
            foreach (var item in read(_pump.StopToken))
            {
                receive(item);
            }
        }
        catch (OperationCanceledException) when (_pump.IsStopped)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <summary>Writes an object to the pipeline; its dates write themselves as ISO 8601.</summary>
    /// <param name="value">The object.</param>
    private protected void Emit(object value) => WriteObject(IsoDates.On(value));

    /// <summary>Where the store is that a user means.</summary>
    /// <param name="store">A state file as the user wrote it; null when not given.</param>
    /// <param name="configuration">A configuration file as the user wrote it; null when not given.</param>
    /// <param name="connection">A connection to a shared state, or the place of a secret that has it; null when not given.</param>
    /// <param name="session">Its configuration counts when nothing was given; null for config.ini in the current location.</param>
    /// <returns>The source.</returns>
    /// <exception cref="PhishMeException">The parameters exclude each other, or a path leads to no file.</exception>
    private protected StoreSource ResolveStore(string? store, string? configuration, string? connection, PhishMeSession? session) => (store, configuration, connection) switch
    {
        (string, string, _) => throw new PhishMeException(
            Faults.ParameterConflict, "-Store names the state file and -ConfigPath a configuration that names it. Use only one of them."),
        (not null, _, string) or (_, not null, string) => throw new PhishMeException(
            Faults.ParameterConflict, "-Connection leads to a shared state; -Store and -ConfigPath name another place. Use only one of them."),
        (string, null, null) => new StoreSource(StoreSourceKind.StateFile, ResolveFile(store, Faults.PathInvalid)),
        (null, string, null) => new StoreSource(StoreSourceKind.Configuration, ResolveFile(configuration)),
        (null, null, string) => new StoreSource(StoreSourceKind.Connection, connection),
        _ => new StoreSource(StoreSourceKind.Configuration, session?.ConfigurationPath ?? DefaultConfiguration()),
    };

    private string DefaultConfiguration()
    {
        var path = ResolveFile("config.ini");
        return File.Exists(path)
            ? path
            : throw new PhishMeException(Faults.StoreNotFound, "There is no store: -Store, -ConfigPath and -Connection do not name one, and there is no config.ini in the current location.", path);
    }

    /// <summary>Opens the store for this thread.</summary>
    /// <param name="source">Where it is.</param>
    /// <returns>The store; dispose it.</returns>
    /// <exception cref="PhishMeException">There is none, or it cannot be opened.</exception>
    private protected IIntelligenceStore OpenStore(StoreSource source)
    {
        IIntelligenceStore? store = null;
        RunOperation((engine, _, _) =>
        {
            // A configuration may refer to secrets, which the pump looks up.
            store = source.Open(engine);
            return Task.CompletedTask;
        });
        if (!store!.IsShared && !File.Exists(store.Path))
        {
            // The first use would say so: too late for a command that makes a file of its own before that.
            store.Dispose();
            throw new PhishMeException(Faults.StoreNotFound, "There is no local store at this path.", store.Path);
        }

        return store;
    }

    /// <summary>Runs an operation without which there is nothing left to do: its failure ends the command.</summary>
    /// <param name="operation">The operation, run on the thread pool.</param>
    /// <param name="target">What the cmdlet works on.</param>
    private protected void RunOrEnd(Func<IIntelligenceEngine, PumpWriter, CancellationToken, Task> operation, object? target = null) =>
        DoOrEnd(() => RunOperation(operation), target);

    /// <summary>Does something without which there is nothing left to do: its failure ends the command.</summary>
    /// <param name="action">What to do, on this thread.</param>
    /// <param name="target">What the cmdlet works on.</param>
    private protected void DoOrEnd(Action action, object? target = null)
    {
        try
        {
            action();
        }
        catch (PhishMeException exception)
        {
            ThrowTerminatingError(ToErrorRecord(exception, target));
        }
    }

    /// <summary>Makes the error record of a fault.</summary>
    /// <param name="exception">Carries the fault.</param>
    /// <param name="target">What the cmdlet was working on.</param>
    /// <returns>The record.</returns>
    private protected static ErrorRecord ToErrorRecord(PhishMeException exception, object? target)
    {
        var fault = exception.Fault;
        return new ErrorRecord(exception, fault.Kind.Id, ToErrorCategory(fault.Kind.Category), target ?? fault.Where)
        {
            ErrorDetails = new ErrorDetails(VisibleText.OfLines(fault.Where is null ? fault.Message : $"{fault.Message} ({fault.Where})"))
            {
                RecommendedAction = fault.Kind.RecommendedAction,
            },
        };
    }

    /// <summary>Makes an engine for what needs no pump: no waiting, no secrets.</summary>
    /// <returns>The engine.</returns>
    /// <exception cref="PhishMeException">The engine cannot be loaded.</exception>
    private protected static IIntelligenceEngine CreateEngine() =>
        EngineLoadContext.Factory.Create(new EngineOptions { Version = ModuleVersion });

    /// <summary>Resolves a path of the session to one of the file system, without wildcards; the file need not exist.</summary>
    /// <param name="path">The path as the user wrote it.</param>
    /// <param name="fault">What a path is that leads nowhere; null for a configuration file that is not found.</param>
    /// <returns>The full path.</returns>
    /// <exception cref="PhishMeException">The path is not one of the file system.</exception>
    private protected string ResolveFile(string path, FaultKind? fault = null) =>
        Resolve(path, wildcards: false, fault ?? Faults.ConfigurationNotFound)[0];

    /// <summary>Resolves a path of the session to files; wildcards are expanded, and a path without any need not exist.</summary>
    /// <param name="path">The path as the user wrote it.</param>
    /// <param name="fault">What a path is that leads nowhere; null for a configuration file that is not found.</param>
    /// <returns>Full paths, at least one.</returns>
    /// <exception cref="PhishMeException">The path is not one of the file system, or nothing matches.</exception>
    private protected IReadOnlyList<string> ResolveFiles(string path, FaultKind? fault = null) =>
        Resolve(path, WildcardPattern.ContainsWildcardCharacters(path), fault ?? Faults.ConfigurationNotFound);

    // ErrorCategory and FaultCategory share their names by design; the surface tests hold them to it.
    private static ErrorCategory ToErrorCategory(FaultCategory category) =>
        Enum.TryParse(category.ToString(), out ErrorCategory mapped) ? mapped : ErrorCategory.NotSpecified;

    // What the operation throws becomes a fault here, where it cannot be mistaken for what the pipeline throws: that passes unchanged.
    private static async Task OperateAsync(
        Func<IIntelligenceEngine, PumpWriter, CancellationToken, Task> operation, PumpWriter writer, CancellationToken cancellation)
    {
        try
        {
            await operation(CreateEngine(writer), writer, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            throw new PhishMeException(Faults.Cancelled, "The operation was cancelled.", innerException: exception);
        }
        catch (Exception exception) when (exception is not (PhishMeException or OperationCanceledException))
        {
            throw new PhishMeException(Faults.Unexpected, exception.Message, innerException: exception);
        }
    }

    private Collection<string> Resolve(string path, bool wildcards, FaultKind fault)
    {
        ProviderInfo provider;
        Collection<string> files;
        try
        {
            files = wildcards
                ? SessionState.Path.GetResolvedProviderPathFromPSPath(path, out provider)
                : [SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out provider, out _)];
        }
        catch (Exception exception) when (exception is SessionStateException or ProviderInvocationException or PSArgumentException
                                              or PSInvalidOperationException or PSNotSupportedException)
        {
            throw new PhishMeException(fault, "The path is not a file path.", path, exception);
        }

        if (!string.Equals(provider.Name, "FileSystem", StringComparison.OrdinalIgnoreCase))
        {
            throw new PhishMeException(fault, "The path is not in the file system.", path);
        }

        return files.Count > 0
            ? files
            : throw new PhishMeException(fault, "No file matches the path.", path);
    }

    private static IIntelligenceEngine CreateEngine(PumpWriter writer) =>
        EngineLoadContext.Factory.Create(new EngineOptions { Version = ModuleVersion, SecretResolver = writer.AskSecret });

    private void Receive(PumpMessage message, Stopwatch elapsed)
    {
        switch (message)
        {
            case PumpItem item:
                WriteItem(item);
                break;
            case PumpFault fault:
                WriteError(ToErrorRecord(new PhishMeException(fault.Fault.Kind, fault.Fault.Message, fault.Fault.Where), fault.Target));
                break;
            case PumpWarning warning:
                WriteWarning(VisibleText.OfLines(warning.Text));
                break;
            case PumpProgress progress:
                ShowProgress(progress.Progress, elapsed.Elapsed);
                break;
            case PumpSecretRequest request:
                request.Answer(LookUpSecret(request.Name));
                break;
            default:
                throw new InvalidOperationException($"No stream for {message.GetType().Name}.");
        }
    }

    private void WriteItem(PumpItem item)
    {
        using DownstreamStop stop = new();
        try
        {
            Emit(item.Value);
        }
        catch (Exception exception) when (!Stopping && stop.IsReason(exception))
        {
            // Select-Object -First stops the pipeline from within: it has this object, and wants no more.
            item.Taken?.Invoke();
            throw;
        }

        item.Taken?.Invoke();
    }

    private void ShowProgress(RunProgress progress, TimeSpan elapsed)
    {
        ProgressRecord record = new(ProgressActivityId, "PhishMe", progress.Activity);
        if (progress is { Total: > 0 and long total, Done: var done })
        {
            var share = Math.Clamp((double)done / total, 0, 1);
            record.PercentComplete = (int)(share * 100);
            if (share > 0)
            {
                record.SecondsRemaining = (int)Math.Min(elapsed.TotalSeconds * ((1 - share) / share), int.MaxValue);
            }
        }

        _progressShown = true;
        WriteProgress(record);
    }

    // The session's SecretManagement, when it is there: vaults are registered and unlocked per user, so nothing else can ask for us.
    private string? LookUpSecret(string name)
    {
        const string LookUp = """
            param($Name)
            if (Get-Command -Name 'Microsoft.PowerShell.SecretManagement\Get-Secret' -ErrorAction Ignore) {
                Microsoft.PowerShell.SecretManagement\Get-Secret -Name $Name -AsPlainText -ErrorAction Stop
            }
            """;
        try
        {
            return InvokeCommand.InvokeScript(LookUp, name) is [PSObject { BaseObject: string secret }, ..] ? secret : null;
        }
        catch (RuntimeException exception) when (exception is not PipelineStoppedException)
        {
            WriteWarning($"The secret '{name}' could not be read: {exception.Message}");
            return null;
        }
    }
}
