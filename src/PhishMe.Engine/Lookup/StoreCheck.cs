using System.Globalization;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Lookup;

/// <summary>Is the store intact, is every stored threat readable, and does the index say what the threats say?</summary>
internal sealed class StoreCheck(IThreatStoreReader store)
{
    private const int MostNamed = 10;
    private const string Remedy = "Run 'phishme store rebuild'.";

    public IEnumerable<CheckResult> Run(CancellationToken cancellationToken)
    {
        var damage = store.FindDamage();
        yield return damage.Count == 0
            ? Result("File", CheckOutcome.Pass, "The database is intact.")
            : Result("File", CheckOutcome.Fail, $"The database is damaged: {string.Join("; ", damage)}. The next run sets the file aside; then run 'phishme store rebuild --from'.");
        if (damage.Count > 0)
        {
            yield break;
        }

        (var threats, var unreadable, var different) = Compare(cancellationToken);
        yield return unreadable.Count == 0
            ? Result("Threats", CheckOutcome.Pass, string.Create(CultureInfo.InvariantCulture, $"{threats} stored threats can be read."))
            : Result("Threats", CheckOutcome.Fail, $"The JSON of these threats is damaged: {Named(unreadable)}. Run 'phishme store rebuild --from' with the raw JSON.");
        var stray = store.CountStrayEntries();
        yield return (different.Count, stray) switch
        {
            (0, 0) => Result("Index", CheckOutcome.Pass, "The index matches the threats."),
            (0, _) => Result("Index", CheckOutcome.Fail, string.Create(CultureInfo.InvariantCulture, $"The index has {stray} entries without a threat or a key. {Remedy}")),
            _ => Result("Index", CheckOutcome.Fail, $"The index does not match these threats: {Named(different)}. {Remedy}"),
        };
    }

    private static string Named(List<string> ids) =>
        string.Join(", ", ids.Take(MostNamed)) + (ids.Count > MostNamed ? string.Create(CultureInfo.InvariantCulture, $" and {ids.Count - MostNamed} more") : string.Empty);

    private static CheckResult Result(string subject, CheckOutcome outcome, string message) =>
        new() { Subject = subject, Outcome = outcome, Message = message };

    private (long Threats, List<string> Unreadable, List<string> Different) Compare(CancellationToken cancellationToken)
    {
        long threats = 0;
        var unreadable = new List<string>();
        var different = new List<string>();
        foreach (var threat in store.ReadIndex())
        {
            cancellationToken.ThrowIfCancellationRequested();
            threats++;
            var document = threat.Json is null ? null : ThreatDocumentReader.Read(threat.Json);
            if (document is null || document.Id != threat.Id || document.Content != threat.Content)
            {
                unreadable.Add(threat.Id.ToString());
            }
            else if (!threat.Indicators.SequenceEqual(PreparedThreat.Of(document).Indicators))
            {
                different.Add(threat.Id.ToString());
            }
        }

        return (threats, unreadable, different);
    }
}
