using PhishMe.Intelligence;
using PhishMe.Simulator;

namespace PhishMe.Torture.Faults;

/// <summary>One thing that goes wrong for good on one route, and how a run must end then.</summary>
/// <param name="Backfill">Whether the first run meets it, or one that follows the changelog.</param>
/// <param name="Route">The route.</param>
/// <param name="Kind">What goes wrong.</param>
/// <param name="Expected">How the run ends.</param>
/// <param name="OfOneThreat">Only answers that would hold a certain threat go wrong.</param>
internal sealed record FaultCase(bool Backfill, string Route, FaultRuleKind Kind, ExitCode Expected, bool OfOneThreat = false)
{
    private static readonly FaultRuleKind[] Refusals = [FaultRuleKind.Unauthorized401, FaultRuleKind.Forbidden403, FaultRuleKind.RotateCredentials];
    private static readonly FaultRuleKind[] Outages = [FaultRuleKind.Throttled429, FaultRuleKind.Unavailable503, FaultRuleKind.CutBody, FaultRuleKind.ConnectionReset];
    private static readonly FaultRuleKind[] BadAnswers =
        [FaultRuleKind.NotFound404, FaultRuleKind.ServerError500, FaultRuleKind.Html200, FaultRuleKind.SuccessFalse, FaultRuleKind.GarbageBytes];

    private static readonly FaultRuleKind[] Delays = [FaultRuleKind.SlowBody, FaultRuleKind.Stall];

    /// <summary>Every kind on every route it fits.</summary>
    public static IReadOnlyList<FaultCase> All { get; } = [.. Table()];

    /// <summary>The rule in the simulator; nothing takes long.</summary>
    public FaultRule Rule => new()
    {
        Route = Route,
        Kind = Kind,
        Count = Kind is FaultRuleKind.ChangesBetween or FaultRuleKind.VanishesBetween or FaultRuleKind.RotateCredentials ? 1 : -1,
        Delay = TimeSpan.FromMilliseconds(1),
        MatchServed = OfOneThreat,
        Bytes = Kind == FaultRuleKind.HugeBody ? 40L << 20 : null,
    };

    public override string ToString() => $"{Kind} on {Route}{(OfOneThreat ? " of one threat" : string.Empty)} {(Backfill ? "in a backfill" : "in an update")} ends with {Expected}";

    private static IEnumerable<FaultCase> Table()
    {
        foreach ((var backfill, var route) in new[]
        {
            (true, "feed"), (true, "cef-window"), (true, "search"), (true, "stix"), (true, "updates"),
            (false, "updates"), (false, "search"), (false, "cef"), (false, "stix"),
        })
        {
            var single = route is "cef" or "stix" || (route == "search" && !backfill);
            FaultCase Case(FaultRuleKind kind, ExitCode expected) => new(backfill, route, kind, expected);
            foreach (var kind in Refusals)
            {
                yield return Case(kind, ExitCode.CredentialsRefused);
            }

            foreach (var kind in Outages)
            {
                yield return Case(kind, ExitCode.ApiFailing);
            }

            foreach (var kind in BadAnswers.Where(kind => route != "feed" || kind != FaultRuleKind.SuccessFalse))
            {
                yield return Case(kind, single ? ExitCode.DoneWithDeadLetters : ExitCode.ApiFailing);
            }

            foreach (var kind in Delays)
            {
                yield return Case(kind, ExitCode.Done);
            }
        }

        yield return new FaultCase(false, "updates", FaultRuleKind.NextPositionMissing, ExitCode.ApiFailing);
        yield return new FaultCase(false, "updates", FaultRuleKind.HugeBody, ExitCode.ApiFailing);
        yield return new FaultCase(false, "cef", FaultRuleKind.HugeBody, ExitCode.DoneWithDeadLetters);
        yield return new FaultCase(false, "stix", FaultRuleKind.HugeBody, ExitCode.DoneWithDeadLetters);
        yield return new FaultCase(false, "search", FaultRuleKind.SearchLacksIds, ExitCode.Done);
        yield return new FaultCase(false, "search", FaultRuleKind.ChangesBetween, ExitCode.Done);
        yield return new FaultCase(false, "search", FaultRuleKind.VanishesBetween, ExitCode.DoneWithDeadLetters);
        yield return new FaultCase(false, "cef", FaultRuleKind.ChangesBetween, ExitCode.Done);
        yield return new FaultCase(false, "cef", FaultRuleKind.VanishesBetween, ExitCode.DoneWithDeadLetters);
        yield return new FaultCase(false, "stix", FaultRuleKind.VanishesBetween, ExitCode.DoneWithDeadLetters);
        yield return new FaultCase(false, "stix", FaultRuleKind.MalformedXml, ExitCode.DoneWithDeadLetters);
        yield return new FaultCase(false, "stix", FaultRuleKind.BareAmpersand, ExitCode.DoneWithDeadLetters);
        yield return new FaultCase(true, "stix", FaultRuleKind.MalformedXml, ExitCode.DoneWithDeadLetters);
        yield return new FaultCase(true, "stix", FaultRuleKind.VanishesBetween, ExitCode.DoneWithDeadLetters);
        yield return new FaultCase(false, "cef", FaultRuleKind.BlankCefLines, ExitCode.Done);
        yield return new FaultCase(true, "cef-window", FaultRuleKind.BlankCefLines, ExitCode.Done);
        yield return new FaultCase(false, "cef", FaultRuleKind.EchoesCredentials, ExitCode.DoneWithDeadLetters);
        yield return new FaultCase(false, "stix", FaultRuleKind.EchoesCredentials, ExitCode.DoneWithDeadLetters);
        yield return new FaultCase(false, "search", FaultRuleKind.EchoesCredentials, ExitCode.DoneWithDeadLetters);
        yield return new FaultCase(false, "updates", FaultRuleKind.EchoesCredentials, ExitCode.ApiFailing);
        yield return new FaultCase(true, "feed", FaultRuleKind.EchoesCredentials, ExitCode.ApiFailing);
        foreach (var route in new[] { "search", "cef-window" })
        {
            foreach (var kind in BadAnswers.Except([FaultRuleKind.NotFound404]).Append(FaultRuleKind.EchoesCredentials))
            {
                yield return new FaultCase(true, route, kind, ExitCode.DoneWithDeadLetters, OfOneThreat: true);
            }
        }
    }
}
