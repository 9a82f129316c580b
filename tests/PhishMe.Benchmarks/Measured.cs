namespace PhishMe.Benchmarks;

/// <summary>One run of a process from its start to its end.</summary>
/// <param name="Wall">Start of the runtime included.</param>
/// <param name="Cpu">User and kernel time of all its threads.</param>
/// <param name="PeakBytes">Largest resident set (on Linux VmHWM).</param>
/// <param name="Output">What it wrote to standard output.</param>
internal sealed record Measured(TimeSpan Wall, TimeSpan Cpu, long PeakBytes, string Output)
{
    /// <summary>The peak in MiB.</summary>
    public double PeakMebibytes => PeakBytes / 1024.0 / 1024.0;

    public static Measured MedianByWall(IEnumerable<Measured> runs)
    {
        Measured[] sorted = [.. runs.OrderBy(run => run.Wall)];
        return sorted[sorted.Length / 2];
    }
}
