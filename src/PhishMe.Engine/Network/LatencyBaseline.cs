namespace PhishMe.Engine.Network;

/// <summary>
/// How fast one kind of request is answered by a host at ease. It follows faster answers at once; slower ones it follows only when they are known to be
/// not of our own making.
/// </summary>
internal sealed class LatencyBaseline
{
    private const double TowardsFaster = 0.5;

    private double _sum;
    private int _count;

    /// <summary>Seconds; zero before the first round is over.</summary>
    public double Seconds { get; private set; }

    /// <summary>Notes a latency.</summary>
    /// <param name="seconds">The latency.</param>
    /// <returns>How many times the baseline it is; 1 before there is a baseline.</returns>
    public double Add(double seconds)
    {
        _sum += seconds;
        _count++;
        return Seconds > 0 ? seconds / Seconds : 1;
    }

    /// <summary>Takes over what was noted since the last time.</summary>
    /// <param name="towardsSlower">How far to follow slower answers, 0 to 1.</param>
    public void EndRound(double towardsSlower)
    {
        if (_count == 0)
        {
            return;
        }

        var mean = _sum / _count;
        Seconds = Seconds <= 0 ? mean : Seconds + ((mean - Seconds) * (mean < Seconds ? TowardsFaster : towardsSlower));
        Forget();
    }

    /// <summary>Drops what was noted since the last round.</summary>
    public void Forget()
    {
        _sum = 0;
        _count = 0;
    }
}
