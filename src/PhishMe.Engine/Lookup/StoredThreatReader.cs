using Microsoft.Data.Sqlite;
using PhishMe.Engine.Storage;
using PhishMe.Engine.Threats;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Lookup;

/// <summary>Reads threats a page at a time, so that neither memory nor a read transaction grows with what is read.</summary>
internal sealed class StoredThreatReader(SqliteConnection connection)
{
    private const int PageLength = 64;

    public IEnumerable<Threat> Read(ThreatConditions conditions, CancellationToken cancellationToken)
    {
        using var rows = conditions.Prepare(connection);
        var page = new List<(ThreatId Id, bool Withdrawn, byte[]? Json)>(PageLength);
        var last = long.MinValue;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            page.Clear();
            rows.Bind(1, last).Bind(2, (long)PageLength);
            while (rows.Step())
            {
                last = rows.Integer(0);
                page.Add((new ThreatId((ThreatType)rows.Integer(1), rows.Integer(2)), !rows.IsNull(3), StoredJson.Unpack(rows.Bytes(4))));
            }

            foreach ((var id, var withdrawn, var json) in page)
            {
                if (json is null)
                {
                    throw new PhishMeException(Faults.StoreDamaged, $"The stored JSON of {id} is damaged.", connection.DataSource);
                }

                if (conditions.Accept(id, json))
                {
                    yield return ThreatReader.Read(json, withdrawn);
                }
            }
        }
        while (page.Count == PageLength);
    }
}
