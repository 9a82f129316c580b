using PhishMe.Engine.Rendering;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Syslog;

/// <summary>The sender as the shells see it: sums up, and throws where the collector failed.</summary>
internal sealed class EventSender(SyslogEndpoint endpoint) : IEventSender
{
    private readonly SyslogSender _sender = new(endpoint);
    private EventDelivery _sum = new() { Target = endpoint.ToString() };

    public async Task<IReadOnlyList<(int Index, string Reason)>> SendAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte>[] clean = [.. events.Select(ControlCharacters.Replace)];
        var delivery = await _sender.SendAsync(clean, cancellationToken).ConfigureAwait(false);
        if (delivery.Failure is not null)
        {
            throw delivery.Failure;
        }

        _sum = _sum with
        {
            Sent = _sum.Sent + delivery.Sent,
            Rejected = _sum.Rejected + delivery.Rejected.Count,
            Oversized = _sum.Oversized + delivery.Oversized,
        };
        return [.. delivery.Rejected.Select(rejection => (rejection.Index, rejection.Message))];
    }

    public async Task<EventDelivery> ConfirmAsync(CancellationToken cancellationToken)
    {
        var confirmation = await _sender.ConfirmAsync(cancellationToken).ConfigureAwait(false);
        return confirmation.Failure is null
            ? _sum with { Confirmed = confirmation.Proof == SyslogProof.Delivered && _sum.Sent > 0 }
            : throw confirmation.Failure;
    }

    public ValueTask DisposeAsync() => _sender.DisposeAsync();
}
