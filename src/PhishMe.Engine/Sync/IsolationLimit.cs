using PhishMe.Engine.Api;

namespace PhishMe.Engine.Sync;

/// <summary>How much a run may set aside by narrowing down: a few bad records are isolated, a failing service is not turned into thousands of dead letters.</summary>
internal sealed class IsolationLimit
{
    private const int Most = 20;

    private int _isolated;

    /// <summary>One more is about to be set aside.</summary>
    /// <exception cref="ApiException">There are too many.</exception>
    public void Count(ApiException cause)
    {
        if (Interlocked.Increment(ref _isolated) > Most)
        {
            throw new ApiException(
                cause.Failure,
                FormattableString.Invariant($"More than {Most} parts of the backfill could not be fetched, so this is more than single bad records. The last one: {cause.Message}"),
                cause.Where,
                cause);
        }
    }
}
