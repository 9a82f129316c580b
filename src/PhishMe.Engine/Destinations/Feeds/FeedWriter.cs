using PhishMe.Engine.Files;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>A feed of threats that a shell gives one by one.</summary>
internal sealed class FeedWriter : IFeedWriter
{
    private readonly FeedPass _pass;
    private readonly TimeProvider _clock;

    public FeedWriter(FeedSettings settings, string temporaryFolder, TimeProvider clock, IFileCalls calls)
    {
        _clock = clock;
        _pass = new FeedPass([settings], clock.GetUtcNow(), temporaryFolder, new PatientFiles(clock, calls));
    }

    public void Add(Threat threat)
    {
        ArgumentNullException.ThrowIfNull(threat);
        var rows = _pass.NewRows();
        _pass.Prepare(threat, threat.ReceivedAt ?? _clock.GetUtcNow(), rows);
        _pass.Add(rows);
    }

    public FeedSummary Complete(CancellationToken cancellationToken)
    {
        var result = _pass.Complete(cancellationToken)[0];
        return result.Failure is Fault failure ? throw new PhishMeException(Faults.FileUnwritable, failure.Message, failure.Where) : result.Summary;
    }

    public void Dispose() => _pass.Dispose();
}
