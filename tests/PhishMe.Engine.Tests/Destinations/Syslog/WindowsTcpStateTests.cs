using PhishMe.Engine.Destinations.Syslog;

namespace PhishMe.Engine.Tests.Destinations.Syslog;

/// <summary>The states of TCP_INFO_v0 in the words of RFC 9293.</summary>
public sealed class WindowsTcpStateTests
{
    [Theory]
    [InlineData(4, nameof(TcpPhase.Unacknowledged))] // ESTABLISHED
    [InlineData(5, nameof(TcpPhase.Unacknowledged))] // FIN_WAIT_1
    [InlineData(6, nameof(TcpPhase.Acknowledged))] // FIN_WAIT_2
    [InlineData(8, nameof(TcpPhase.Unacknowledged))] // CLOSING
    [InlineData(9, nameof(TcpPhase.Unacknowledged))] // LAST_ACK
    [InlineData(10, nameof(TcpPhase.Over))] // TIME_WAIT
    [InlineData(0, nameof(TcpPhase.Over))] // CLOSED
    public void Are_phases(int state, string phase) => Assert.Equal(phase, TcpPhases.OfWindowsState(state).ToString());
}
