namespace PhishMe.Torture.Pushing;

/// <summary>Counts the objects at a product beside what an undisturbed run left there.</summary>
internal static class PushCount
{
    /// <param name="target">The product.</param>
    /// <param name="expected">What an undisturbed run left there, in order.</param>
    /// <param name="repeats">How often the batch in flight may have been repeated, where the product does not recognise it.</param>
    /// <param name="current">
    /// What a product that was not there before would have now; null when all of it is expected. A product that was down never sees versions in between, and
    /// what only they had never comes.
    /// </param>
    /// <returns>What is missing, there too often, or there without a cause.</returns>
    public static IEnumerable<string> Compare(PushTarget target, IReadOnlyList<string> expected, int repeats, IReadOnlySet<string>? current = null)
    {
        var held = target.Held().CountBy(thing => thing).ToDictionary(StringComparer.Ordinal);
        var wanted = expected.CountBy(thing => thing).ToDictionary(StringComparer.Ordinal);
        var extra = 0;
        foreach (var (thing, times) in wanted)
        {
            var found = held.GetValueOrDefault(thing);
            if (found == 0 && current?.Contains(thing) == false)
            {
                continue;
            }

            if (found < times || found > (target.RecognizesRepeats ? times : times * (repeats + 1)))
            {
                yield return $"{target.Id} holds {found} instead of {times}: {thing}";
            }

            extra += Math.Max(found - times, 0);
        }

        foreach (var thing in held.Keys.Where(thing => !wanted.ContainsKey(thing)))
        {
            yield return $"{target.Id} should not hold {thing}";
        }

        if (extra > repeats * PushTargets.BatchEvents * PushTargets.BatchesInFlight)
        {
            yield return $"{target.Id} holds {extra} repeated things, more than the batch in flight";
        }
    }
}
