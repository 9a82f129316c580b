namespace PhishMe.Engine.Storage.PostgreSql;

/// <summary>The numbers that roles, families and brands are kept as: the few words would fill the index.</summary>
internal sealed class SharedTerms(PostgreSqlSession session)
{
    private const int MostTerms = 100_000;

    private readonly Dictionary<string, int> _terms = new(StringComparer.Ordinal);

    /// <summary>The number of a word that <see cref="LearnAsync"/> was given.</summary>
    public int? Of(string? text) => text is null ? null : _terms[StorableText.Of(text)!];

    /// <summary>Finds the numbers of words; those that have none get one, when a transaction is open.</summary>
    public async Task LearnAsync(IEnumerable<string?> texts)
    {
        if (_terms.Count > MostTerms)
        {
            _terms.Clear();
        }

        string[] unknown = [.. texts.OfType<string>().Select(text => StorableText.Of(text)!).Where(text => !_terms.ContainsKey(text)).Distinct(StringComparer.Ordinal)];
        if (unknown.Length == 0)
        {
            return;
        }

        const string Find = "SELECT term, text FROM term JOIN unnest($1::text[]) AS asked (wanted) ON md5(text) = md5(wanted) AND text = wanted";
        await AddAsync(Find, unknown).ConfigureAwait(false);
        string[] missing = [.. unknown.Where(text => !_terms.ContainsKey(text))];
        if (missing.Length > 0)
        {
            await AddAsync("INSERT INTO term (text) SELECT * FROM unnest($1::text[]) RETURNING term, text", missing).ConfigureAwait(false);
        }
    }

    /// <summary>What was noted in a transaction that was rolled back is not so.</summary>
    public void Forget() => _terms.Clear();

    private async Task AddAsync(string sql, string[] texts)
    {
        foreach ((var term, var text) in await session.RowsAsync(row => (row.GetInt32(0), row.GetString(1)), sql, (object)texts).ConfigureAwait(false))
        {
            _terms[text] = term;
        }
    }
}
