using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>The product takes nothing more in this run: everything stays queued.</summary>
internal sealed class TargetStoppedException(Fault fault, Exception? innerException = null) : Exception(fault.Message, innerException)
{
    public Fault Fault { get; } = fault;
}
