using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>The product takes nothing more in this run: everything stays queued.</summary>
internal sealed class TargetStoppedException(Fault fault, Exception? innerException = null) : Exception(fault.Message, innerException)
{
    public Fault Fault { get; } = fault;

    /// <summary>Whether a request was sent and its answer did not come: the work may be done. The next look at the product tells.</summary>
    public bool IsAnswerLost { get; init; }
}
