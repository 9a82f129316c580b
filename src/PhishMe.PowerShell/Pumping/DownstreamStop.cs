using System.Management.Automation;
using System.Runtime.ExceptionServices;

namespace PhishMe.PowerShell.Pumping;

/// <summary>
/// Listens while an object goes down the pipeline, to tell <c>Select-Object -First</c>, which has the object and wants no more, from a later command that
/// failed on it: WriteObject throws the same exception for both, but what was thrown before it differs.
/// </summary>
/// <remarks>
/// What <c>Select-Object</c> throws is a type of PowerShell's own, known here by its name. Were it called otherwise, an object would be handed over once more
/// rather than lost.
/// </remarks>
internal sealed class DownstreamStop : IDisposable
{
    private const string StopUpstream = "StopUpstreamCommandsException";

    private readonly int _thread = Environment.CurrentManagedThreadId;
    private bool _isContent;

    /// <summary>Begins to listen to what is thrown on this thread.</summary>
    public DownstreamStop() => AppDomain.CurrentDomain.FirstChanceException += Note;

    /// <summary>Whether the pipeline was stopped by a later command that is content.</summary>
    /// <param name="exception">What WriteObject threw.</param>
    /// <returns>Whether the object written counts as taken.</returns>
    public bool IsReason(Exception exception) => IsStopUpstream(exception) || (exception is PipelineStoppedException && _isContent);

    /// <inheritdoc/>
    public void Dispose() => AppDomain.CurrentDomain.FirstChanceException -= Note;

    private static bool IsStopUpstream(Exception exception) => exception.GetType().Name == StopUpstream;

    // The last one counts: a script may stop a pipeline of its own before it fails.
    private void Note(object? sender, FirstChanceExceptionEventArgs thrown)
    {
        if (Environment.CurrentManagedThreadId == _thread && thrown.Exception is not PipelineStoppedException)
        {
            _isContent = IsStopUpstream(thrown.Exception);
        }
    }
}
