using System.Management.Automation;
using System.Reflection;
using System.Runtime.ExceptionServices;

namespace PhishMe.PowerShell.Pumping;

/// <summary>
/// Tells <c>Select-Object -First</c>, which has the object and wants no more, from a later command that failed on the object: WriteObject throws the same
/// exception for both.
/// </summary>
/// <remarks>
/// Only the pipeline itself knows the reason, in members that are not public. Where they are gone, the answer is no: an object is handed over once more
/// then rather than lost.
/// </remarks>
internal static class DownstreamStop
{
    private const string StopUpstream = "StopUpstreamCommandsException";
    private const BindingFlags Inside = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>Whether the pipeline was stopped by a later command that is content.</summary>
    /// <param name="exception">What WriteObject threw.</param>
    /// <param name="cmdlet">The cmdlet that called it.</param>
    /// <returns>Whether the object written counts as taken.</returns>
    public static bool IsReason(Exception exception, PSCmdlet cmdlet) =>
        IsStopUpstream(exception) || (exception is PipelineStoppedException && !cmdlet.Stopping && IsStopUpstream(FirstFailure(cmdlet.CommandRuntime)));

    private static bool IsStopUpstream(Exception? exception) => exception?.GetType().Name == StopUpstream;

    private static Exception? FirstFailure(ICommandRuntime runtime)
    {
        object? pipeline = runtime.GetType().GetProperty("PipelineProcessor", Inside)?.GetValue(runtime);
        return (pipeline?.GetType().GetField("_firstTerminatingError", Inside)?.GetValue(pipeline) as ExceptionDispatchInfo)?.SourceException;
    }
}
