namespace PhishMe.Torture.Kills;

/// <summary>Where a run dies.</summary>
/// <param name="How">What triggers it.</param>
/// <param name="Step">For a step: its name. For an answer: the route.</param>
/// <param name="Number">The occurrence, from 1; for a time: milliseconds after the start.</param>
internal readonly record struct KillPoint(KillTrigger How, string Step, int Number)
{
    public const string AnyStep = "*";

    public static KillPoint At(string step, int occurrence) => new(KillTrigger.Step, step, occurrence);

    public override string ToString() => How switch
    {
        KillTrigger.Step => FormattableString.Invariant($"step {Step} #{Number}"),
        KillTrigger.Request => FormattableString.Invariant($"while it waits for request {Number}"),
        KillTrigger.Delivery => FormattableString.Invariant($"while it waits for delivery {Number}"),
        _ => FormattableString.Invariant($"after {Number} ms"),
    };
}
