using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace PhishMe.PowerShell.Completion;

/// <summary>Malware families that came by in this session; never asks the network.</summary>
public sealed class SeenFamilyCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        RunspaceSessions.Current is PhishMeSession session ? CompletionWords.Of(session.Seen.Families, wordToComplete) : [];
}
