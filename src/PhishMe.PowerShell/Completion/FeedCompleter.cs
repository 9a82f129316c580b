using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using PhishMe.Intelligence;
using PhishMe.PowerShell.Hosting;

namespace PhishMe.PowerShell.Completion;

/// <summary>The feeds that can be written, by name.</summary>
public sealed class FeedCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            var engine = EngineLoadContext.Factory.Create(new EngineOptions { Version = PhishMeCmdlet.ModuleVersion });
            return CompletionWords.Of(engine.Feeds.Select(feed => feed.Name), wordToComplete);
        }
        catch (PhishMeException)
        {
            // The command will say what is wrong; a completion offers nothing then.
            return [];
        }
    }
}
