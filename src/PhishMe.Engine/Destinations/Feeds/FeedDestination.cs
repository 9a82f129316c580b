using System.Runtime.CompilerServices;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Destinations.Feeds;

/// <summary>A feed of a configuration file. Several of them are rebuilt in one pass (<see cref="FeedRebuild"/>).</summary>
internal sealed class FeedDestination(FeedSettings settings, DestinationHost host) : IRebuiltDestination
{
    public FeedSettings Settings { get; } = settings;

    public DestinationHost Host { get; } = host;

    /// <summary>A file that someone removed is made again, although no threat changed.</summary>
    public bool IsInPlace => Settings.Paths.All(File.Exists);

    /// <summary>The same feed, made of a store that may lack threats that its files have.</summary>
    public FeedDestination OfStoreInPart() => new(Settings with { IsStoreInPart = true }, Host);

    public async Task<RebuildResult> RebuildAsync(IStoredThreats threats, CancellationToken cancellationToken)
    {
        var result = (await FeedRebuild.RunAsync([this], threats, cancellationToken).ConfigureAwait(false))[0];
        return result.Failure is Fault failure ? throw new PhishMeException(failure.Kind, failure.Message, failure.Where) : ResultOf(result);
    }

    /// <summary>Notifies the product that reads the feed, if it asks for that and the feed was written.</summary>
    public async Task<FeedResult> NotifyAsync(FeedResult result, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (result.Failure is not null || result.IsKept || Settings.Subscriber is null || Settings.Reports is not FeedReports reports)
        {
            return result;
        }

        using var subscriber = Settings.Subscriber(Host);
        return await FeedNotice.SendAsync(result, reports.Path, subscriber, Host, cancellationToken).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<CheckResult> CheckAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (Settings.Subscriber is null)
        {
            yield break;
        }

        using var subscriber = Settings.Subscriber(Host);
        CheckResult result;
        try
        {
            result = await subscriber.CheckAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (TargetStoppedException exception)
        {
            result = Checks.Fail($"[{Host.Id}]", exception.Fault);
        }

        yield return result;
    }

    /// <summary>What a run counts.</summary>
    public static RebuildResult ResultOf(FeedResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return new RebuildResult(result.Summary.Files.Count(file => file.IsWritten), 0)
        {
            Warnings = result.Summary.Warnings,
            Kinds = result.Summary.Kinds,
            IsKept = result.IsKept,
        };
    }
}
