using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace PhishMe.PowerShell.Completion;

/// <summary>The variables that hold a session.</summary>
public sealed class SessionCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        ArgumentNullException.ThrowIfNull(wordToComplete);
        var begin = wordToComplete.TrimStart('$');
        using var shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        return
        [
            .. shell.AddCommand(@"Microsoft.PowerShell.Utility\Get-Variable").Invoke<PSVariable>()
                .Where(variable => variable.Value is PhishMeSession or PSObject { BaseObject: PhishMeSession }
                    && variable.Name.StartsWith(begin, StringComparison.OrdinalIgnoreCase))
                .OrderBy(variable => variable.Name, StringComparer.OrdinalIgnoreCase)
                .Select(variable => new CompletionResult(
                    $"${variable.Name}", $"${variable.Name}", CompletionResultType.Variable, variable.Value.ToString() ?? variable.Name)),
        ];
    }
}
