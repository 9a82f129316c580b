using PhishMe.Intelligence;

namespace PhishMe.PowerShell.Pumping;

/// <summary>Something an operation on the thread pool tells the pipeline thread. Immutable.</summary>
internal abstract record PumpMessage;

/// <summary>An object for the pipeline.</summary>
/// <param name="Value">The object.</param>
/// <param name="Taken">Called on the pipeline thread when the consumer has it; may be null.</param>
internal sealed record PumpItem(object Value, Action? Taken = null) : PumpMessage;

/// <summary>A failure that does not end the operation.</summary>
/// <param name="Fault">What failed.</param>
/// <param name="Target">What it failed on.</param>
internal sealed record PumpFault(Fault Fault, object? Target) : PumpMessage;

/// <summary>A warning for a person.</summary>
/// <param name="Text">The text.</param>
internal sealed record PumpWarning(string Text) : PumpMessage;

/// <summary>How far the operation is.</summary>
/// <param name="Progress">The figures.</param>
internal sealed record PumpProgress(RunProgress Progress) : PumpMessage;

/// <summary>Asks for a secret, which only the pipeline thread can look up in the session.</summary>
internal sealed record PumpSecretRequest : PumpMessage
{
    private readonly TaskCompletionSource<string?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Creates the question.</summary>
    /// <param name="name">Name of the secret.</param>
    public PumpSecretRequest(string name)
    {
        Name = name;
    }

    /// <summary>Name of the secret.</summary>
    public string Name { get; }

    /// <summary>The answer, once given.</summary>
    internal Task<string?> Answered => _answer.Task;

    /// <summary>Gives the answer.</summary>
    /// <param name="secret">The value; null when there is none of that name.</param>
    public void Answer(string? secret) => _answer.TrySetResult(secret);
}

/// <summary>A mark between messages: passed when the pipeline has taken everything posted before it.</summary>
internal sealed record PumpBarrier : PumpMessage
{
    private readonly TaskCompletionSource _passed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the barrier was passed.</summary>
    internal Task Passed => _passed.Task;

    /// <summary>Called by the pump when everything before the barrier was taken.</summary>
    internal void Pass() => _passed.TrySetResult();
}
