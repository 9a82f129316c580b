namespace PhishMe.Engine.Network;

/// <summary>The host asked for a pause that is longer than anyone waits.</summary>
/// <param name="left">How much of it is left.</param>
internal sealed class PauseTooLongException(TimeSpan left)
    : Exception(FormattableString.Invariant($"The host asks for a pause of {left.TotalSeconds:0} seconds, which is too long to wait for."))
{
    /// <summary>How much of the pause is left.</summary>
    public TimeSpan Left { get; } = left;
}
