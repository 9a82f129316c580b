using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>Writes the indicators of stored threats and the terms of the threats, in the transaction that is open: by binary COPY, many threats at once.</summary>
internal sealed class SharedIndicators(PostgreSqlSession session)
{
    private const string Copy =
        """
        COPY indicator (threat, ordinal, kind, source, impact, corollary, role, family, value, digest, key1, key2, key3, address) FROM STDIN (FORMAT binary)
        """;

    private readonly SharedTerms _terms = new(session);

    /// <summary>Adds the indicators of threats that have none.</summary>
    public async Task AddAsync(IReadOnlyList<(int Key, PreparedThreat Threat)> threats)
    {
        if (threats.Count == 0)
        {
            return;
        }

        await _terms.LearnAsync(threats.SelectMany(one =>
            one.Threat.Families.Concat(one.Threat.DeliveryMechanisms).Concat(one.Threat.Brands)
                .Concat(one.Threat.Indicators.SelectMany(indicator => (string?[])[indicator.Role, indicator.Family])))).ConfigureAwait(false);
        await AddTermsAsync(threats).ConfigureAwait(false);
        var writer = await session.Connection.BeginBinaryImportAsync(Copy).ConfigureAwait(false);
        await using (writer.ConfigureAwait(false))
        {
            foreach ((var key, var threat) in threats)
            {
                for (var ordinal = 0; ordinal < threat.Indicators.Count; ordinal++)
                {
                    Write(writer, key, ordinal, threat.Indicators[ordinal]);
                }
            }

            await writer.CompleteAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Removes what <see cref="AddAsync"/> added.</summary>
    public async Task RemoveAsync(IReadOnlyCollection<int> keys)
    {
        if (keys.Count > 0)
        {
            int[] array = [.. keys];
            await session.ExecuteAsync("DELETE FROM indicator WHERE threat = any($1)", array).ConfigureAwait(false);
            await session.ExecuteAsync("DELETE FROM threat_term WHERE threat = any($1)", array).ConfigureAwait(false);
        }
    }

    /// <summary>What was noted in a transaction that was rolled back is not so.</summary>
    public void Forget() => _terms.Forget();

    private void Write(NpgsqlBinaryImporter writer, int threat, int ordinal, IndexedIndicator indicator)
    {
        Span<long> keys = stackalloc long[IndexKey.Most];
        Span<byte> address = stackalloc byte[IndexKey.LongestAddress];
        var text = Encoding.UTF8.GetBytes(indicator.Value);
        var value = IndicatorValue.Of(indicator.Kind, text);
        var count = IndexKey.Of(indicator.Kind, text, keys);
        var length = IndexKey.AddressOf(indicator.Kind, text, address);
        writer.StartRow();
        writer.Write(threat, NpgsqlDbType.Integer);
        writer.Write(ordinal, NpgsqlDbType.Integer);
        writer.Write((short)indicator.Kind, NpgsqlDbType.Smallint);
        writer.Write((short)indicator.Source, NpgsqlDbType.Smallint);
        if (indicator.Impact is { } impact)
        {
            writer.Write((short)impact, NpgsqlDbType.Smallint);
        }
        else
        {
            writer.WriteNull();
        }

        writer.Write(indicator.Corollary, NpgsqlDbType.Boolean);
        WriteTerm(writer, indicator.Role);
        WriteTerm(writer, indicator.Family);
        writer.Write(value.Bytes, NpgsqlDbType.Bytea);
        writer.Write(value.IsDigest, NpgsqlDbType.Boolean);
        for (var i = 0; i < IndexKey.Most; i++)
        {
            if (i < count)
            {
                writer.Write(keys[i], NpgsqlDbType.Bigint);
            }
            else
            {
                writer.WriteNull();
            }
        }

        if (length > 0)
        {
            writer.Write(address[..length].ToArray(), NpgsqlDbType.Bytea);
        }
        else
        {
            writer.WriteNull();
        }
    }

    private void WriteTerm(NpgsqlBinaryImporter writer, string? text)
    {
        if (_terms.Of(text) is int term)
        {
            writer.Write(term, NpgsqlDbType.Integer);
        }
        else
        {
            writer.WriteNull();
        }
    }

    private async Task AddTermsAsync(IReadOnlyList<(int Key, PreparedThreat Threat)> threats)
    {
        List<int> keys = [], sorts = [], terms = [];
        foreach ((var key, var threat) in threats)
        {
            foreach ((var sort, var texts) in ((TermSort, IReadOnlyList<string>)[])
                [(TermSort.Family, threat.Families), (TermSort.DeliveryMechanism, threat.DeliveryMechanisms), (TermSort.Brand, threat.Brands)])
            {
                foreach (var text in texts)
                {
                    keys.Add(key);
                    sorts.Add((int)sort);
                    terms.Add(_terms.Of(text)!.Value);
                }
            }
        }

        if (keys.Count > 0)
        {
            await session.ExecuteAsync(
                "INSERT INTO threat_term (threat, sort, term) SELECT * FROM unnest($1::integer[], $2::integer[], $3::integer[]) ON CONFLICT DO NOTHING",
                keys.ToArray(), sorts.ToArray(), terms.ToArray()).ConfigureAwait(false);
        }
    }
}
