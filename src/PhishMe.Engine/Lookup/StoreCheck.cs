using System.Globalization;
using Microsoft.Data.Sqlite;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Storage.Sqlite;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Lookup;

/// <summary>Is the file an intact database, is every stored threat readable, and does the index say what the threats say?</summary>
internal sealed class StoreCheck(SqliteConnection connection)
{
    private const int MostTold = 10;
    private const string Remedy = "Run 'phishme store rebuild'.";

    public IEnumerable<CheckResult> Run(CancellationToken cancellationToken)
    {
        var damage = Damage();
        yield return damage.Count == 0
            ? Result("File", CheckOutcome.Pass, "The database is intact.")
            : Result("File", CheckOutcome.Fail, $"The database is damaged: {string.Join("; ", damage)}. The next run sets the file aside; then run 'phishme store rebuild --from'.");
        if (damage.Count > 0)
        {
            yield break;
        }

        (var threats, var unreadable, var different) = Threats(cancellationToken);
        yield return unreadable.Count == 0
            ? Result("Threats", CheckOutcome.Pass, string.Create(CultureInfo.InvariantCulture, $"{threats} stored threats can be read."))
            : Result("Threats", CheckOutcome.Fail, $"The JSON of these threats is damaged: {Told(unreadable)}. Run 'phishme store rebuild --from' with the raw JSON.");
        var stray = Stray();
        yield return (different.Count, stray) switch
        {
            (0, 0) => Result("Index", CheckOutcome.Pass, "The index matches the threats."),
            (0, _) => Result("Index", CheckOutcome.Fail, string.Create(CultureInfo.InvariantCulture, $"The index has {stray} entries without a threat or a key. {Remedy}")),
            _ => Result("Index", CheckOutcome.Fail, $"The index does not match these threats: {Told(different)}. {Remedy}"),
        };
    }

    private static string Told(List<string> ids) =>
        string.Join(", ", ids.Take(MostTold)) + (ids.Count > MostTold ? string.Create(CultureInfo.InvariantCulture, $" and {ids.Count - MostTold} more") : string.Empty);

    private static CheckResult Result(string subject, CheckOutcome outcome, string message) =>
        new() { Subject = subject, Outcome = outcome, Message = message };

    private List<string> Damage()
    {
        var damage = new List<string>();
        try
        {
            using var check = new SqliteStatement(connection, "PRAGMA integrity_check(5)");
            while (check.Step())
            {
                if (check.Text(0) is string line and not "ok")
                {
                    damage.Add(line.ReplaceLineEndings(" "));
                }
            }
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is 11 or 26)
        {
            damage.Add(exception.Message);
        }

        return damage;
    }

    private (long Threats, List<string> Unreadable, List<string> Different) Threats(CancellationToken cancellationToken)
    {
        long threats = 0;
        var unreadable = new List<string>();
        var different = new List<string>();
        using var rows = new SqliteStatement(
            connection,
            "SELECT t.threat, t.type, t.number, t.content, j.json FROM stored_threat t LEFT JOIN stored_json j ON j.threat = t.threat ORDER BY t.threat");
        using var indicators = new SqliteStatement(
            connection,
            """
            SELECT i.kind, i.value, i.source, i.impact, i.corollary, r.text, f.text, i.ordinal FROM indicator i
            LEFT JOIN term r ON r.term = i.role LEFT JOIN term f ON f.term = i.family WHERE i.threat = ?1 ORDER BY i.ordinal
            """);
        while (rows.Step())
        {
            cancellationToken.ThrowIfCancellationRequested();
            threats++;
            var id = new ThreatId((ThreatType)rows.Integer(1), rows.Integer(2));
            var json = rows.IsNull(4) ? null : StoredJson.Unpack(rows.Bytes(4));
            var document = json is null ? null : SearchPageReader.ReadThreat(json);
            if (document is null || document.Id != id || document.Content != ContentHash.Read(rows.Bytes(3)))
            {
                unreadable.Add(id.ToString());
            }
            else if (!Indexed(indicators, rows.Integer(0)).SequenceEqual(PreparedThreat.Of(document).Indicators))
            {
                different.Add(id.ToString());
            }
        }

        return (threats, unreadable, different);
    }

    private static IEnumerable<IndexedIndicator> Indexed(SqliteStatement rows, long threat)
    {
        rows.Bind(1, threat);
        while (rows.Step())
        {
            yield return new IndexedIndicator(
                (IndicatorKind)rows.Integer(0),
                rows.IsBlob(1) ? Convert.ToHexStringLower(rows.Bytes(1)) : rows.Text(1)!,
                (IndicatorSource)rows.Integer(2),
                (Impact?)rows.NullableInteger(3),
                rows.Integer(4) != 0,
                rows.Text(5),
                rows.Text(6));
        }

        rows.Reset();
    }

    private long Stray()
    {
        using var count = new SqliteStatement(
            connection,
            """
            SELECT (SELECT count(*) FROM indicator_key_all k WHERE NOT EXISTS (SELECT 1 FROM indicator i WHERE i.threat = k.threat AND i.ordinal = k.ordinal))
                + (SELECT count(*) FROM indicator_address k WHERE NOT EXISTS (SELECT 1 FROM indicator i WHERE i.threat = k.threat AND i.ordinal = k.ordinal))
                + (SELECT count(*) FROM indicator i WHERE NOT EXISTS (SELECT 1 FROM stored_threat t WHERE t.threat = i.threat))
            """);
        count.Step();
        return count.Integer(0) + Missing();
    }

    /// <summary>Indicators that cannot be found under a key of theirs.</summary>
    private long Missing()
    {
        long missing = 0;
        using var rows = new SqliteStatement(connection, "SELECT threat, ordinal, kind, value FROM indicator");
        using var key = new SqliteStatement(connection, "SELECT 1 FROM indicator_key_all WHERE hash = ?1 AND threat = ?2 AND ordinal = ?3");
        using var networkAddress = new SqliteStatement(connection, "SELECT 1 FROM indicator_address WHERE address = ?1 AND threat = ?2 AND ordinal = ?3");
        Span<long> keys = stackalloc long[IndexKey.Most];
        Span<byte> address = stackalloc byte[IndexKey.LongestAddress];
        Span<byte> hash = stackalloc byte[128];
        while (rows.Step())
        {
            var kind = (IndicatorKind)rows.Integer(2);
            scoped ReadOnlySpan<byte> value = rows.Bytes(3);
            if (rows.IsBlob(3) && Convert.TryToHexStringLower(value, hash, out var length))
            {
                value = hash[..length];
            }

            foreach (var one in keys[..IndexKey.Of(kind, value, keys)])
            {
                missing += Exists(key.Bind(1, one).Bind(2, rows.Integer(0)).Bind(3, rows.Integer(1))) ? 0 : 1;
            }

            if (IndexKey.AddressOf(kind, value, address) is var written and > 0)
            {
                missing += Exists(networkAddress.BindBlob(1, address[..written]).Bind(2, rows.Integer(0)).Bind(3, rows.Integer(1))) ? 0 : 1;
            }
        }

        return missing;

        static bool Exists(SqliteStatement statement)
        {
            var exists = statement.Step();
            statement.Reset();
            return exists;
        }
    }
}
