using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;

namespace PhishMe.InProcess.Tests;

/// <summary>A runspace of its own with the staged module: what a person has at a prompt.</summary>
internal sealed class Shell : IDisposable
{
    private readonly Runspace _runspace;

    private Shell(Runspace runspace) => _runspace = runspace;

    /// <summary>The folder that Import-Module takes.</summary>
    public static string ModuleFolder { get; } =
        typeof(Shell).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "StagedModule").Value!;

    public static Shell Open()
    {
        var state = InitialSessionState.CreateDefault();
        state.ThrowOnRunspaceOpenError = true;
        state.ImportPSModule([Path.Combine(ModuleFolder, "PhishMe.psd1")]);
        var runspace = RunspaceFactory.CreateRunspace(state);
        runspace.Open();
        return new Shell(runspace);
    }

    /// <summary>A shell with a session to the API.</summary>
    public static Shell Connect(ApiFixture api)
    {
        var shell = Open();
        shell.Set("credential", api.Credential);
        Assert.Null(shell.Run($"Connect-PhishMe $credential -BaseUri {api.BaseUri}").Thrown);
        return shell;
    }

    public object? this[string variable] => _runspace.SessionStateProxy.GetVariable(variable);

    public void Set(string variable, object? value) => _runspace.SessionStateProxy.SetVariable(variable, value);

    /// <summary>Runs a line as it would be typed.</summary>
    public ShellResult Run(string script)
    {
        using var shell = Start(script, out var output);
        Set("thrown", null);
        shell.Invoke(null, output);
        return new ShellResult(
            [.. output], [.. shell.Streams.Error], Thrown(), [.. shell.Streams.Warning.Select(warning => warning.Message)], [.. shell.Streams.Progress]);
    }

    /// <summary>A line that was not run yet. What ends it is in the variable "thrown".</summary>
    public System.Management.Automation.PowerShell Start(string script, out PSDataCollection<PSObject> output)
    {
        var shell = System.Management.Automation.PowerShell.Create(_runspace);
        output = [];
        shell.AddScript($"try {{ {script}\n }} catch {{ $global:thrown = $_ }}");
        return shell;
    }

    /// <summary>What the tab key offers at the end of a line.</summary>
    public IReadOnlyList<string> Complete(string line)
    {
        using var shell = System.Management.Automation.PowerShell.Create(_runspace);
        return [.. CommandCompletion.CompleteInput(line, line.Length, null, shell).CompletionMatches.Select(match => match.CompletionText)];
    }

    public void Dispose() => _runspace.Dispose();

    private ErrorRecord? Thrown() => this["thrown"] switch
    {
        PSObject { BaseObject: ErrorRecord record } => record,
        ErrorRecord record => record,
        _ => null,
    };
}
