using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Hosting;

namespace PhishMe.PowerShell.Completion;

/// <summary>The destinations in use of the configuration file that the command names, otherwise of config.ini in the current location.</summary>
public sealed class DestinationCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        ArgumentNullException.ThrowIfNull(fakeBoundParameters);
        try
        {
            // No name depends on a secret, so a vault is not asked.
            var engine = EngineLoadContext.Factory.Create(new EngineOptions { Version = PhishMeCmdlet.ModuleVersion, SecretResolver = name => name });
            return Resolve(Given(fakeBoundParameters)) is string path ? CompletionWords.Of(engine.GetDestinationNames(path), wordToComplete) : [];
        }
        catch (PhishMeException)
        {
            // The command will say what is wrong; a completion offers nothing then.
            return [];
        }
    }

    private static string Given(IDictionary parameters) => (parameters["ConfigPath"] ?? parameters["Path"])?.ToString() is { Length: > 0 } path ? path : "config.ini";

    // The session knows the current location and its drives; it answers a nested pipeline while a completion runs.
    private static string? Resolve(string path)
    {
        using var shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        try
        {
            return shell.AddScript("param($Path) $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)", useLocalScope: true)
                .AddArgument(path).Invoke<string>() is [var file, ..] ? file : null;
        }
        catch (RuntimeException)
        {
            return null;
        }
    }
}
