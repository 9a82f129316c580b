using static System.FormattableString;

namespace PhishMe.Benchmarks;

/// <summary>How clients fared.</summary>
/// <param name="Times">Milliseconds of each page of 1,000 objects, ascending.</param>
/// <param name="Others">Polls with fewer objects: last pages, and those that found nothing new.</param>
/// <param name="Objects">Objects of all pages.</param>
/// <param name="Bytes">Bytes of all bodies, as they came.</param>
/// <param name="Different">Different bodies among the compressed ones.</param>
/// <param name="Errors">Polls that failed or held something else.</param>
/// <param name="Length">How long it was measured.</param>
internal sealed record PollResult(IReadOnlyList<double> Times, int Others, long Objects, long Bytes, int Different, int Errors, TimeSpan Length)
{
    public double Median => At(0.5);

    public double P99 => At(0.99);

    public override string ToString() => Times.Count == 0
        ? "no page of 1,000 objects"
        : Invariant($"{Times.Count,7:N0} pages of {PolledPages.Full:N0} ({Times.Count / Length.TotalSeconds:N0}/s), {Objects:N0} objects, {Others:N0} shorter ones, {Different:N0} different, {Bytes / 1024.0 / 1024.0:N0} MiB: median {Median:0} ms, p99 {P99:0} ms, worst {Times[^1]:0} ms, errors {Errors}");

    private double At(double share) => Times.Count == 0 ? double.NaN : Times[Math.Min(Times.Count - 1, (int)(Times.Count * share))];
}
