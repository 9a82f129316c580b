namespace PhishMe.Torture.Fuzzing;

/// <summary>Feeds a target with mutated inputs.</summary>
internal static class FuzzCampaign
{
    /// <summary>More memory for one input than this, plus some for each of its bytes, is an attack that works.</summary>
    private const long MemoryForAny = 8L << 20;
    private const long MemoryPerByte = 1024;

    /// <returns>What went wrong, each with the seed of its input; at most a few.</returns>
    public static IReadOnlyList<string> Run(FuzzTarget target, IReadOnlyList<byte[]> samples, int seed, int inputs)
    {
        const int Enough = 5;
        var wrong = new List<string>();
        for (var number = 0; number < inputs && wrong.Count < Enough; number++)
        {
            // A seed of its own for each input: any of them can be made again alone.
            var own = unchecked((seed * 1_000_003) + number);
            var input = new Mutator(new Random(own), samples).Next();
            var before = GC.GetAllocatedBytesForCurrentThread();
            string? finding;
            try
            {
                finding = target.Feed(input);
            }
#pragma warning disable CA1031 // Any exception that escapes is the finding.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                finding = exception.ToString();
            }

            var used = GC.GetAllocatedBytesForCurrentThread() - before;
            finding ??= used > MemoryForAny + (input.Length * MemoryPerByte) ? $"{used} bytes of memory for {input.Length} of input" : null;
            if (finding is not null)
            {
                wrong.Add(FormattableString.Invariant($"{target.Name}, seed {own}: {finding} <- {Convert.ToBase64String(input.AsSpan(0, Math.Min(input.Length, 300)))}"));
            }
        }

        return wrong;
    }
}
