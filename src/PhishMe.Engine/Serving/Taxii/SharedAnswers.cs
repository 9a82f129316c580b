using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Serving.Taxii;

/// <summary>
/// Answers that are made from the store. Many readers ask for the same pages: an answer is rendered once, and kept for as long as the store would give the same.
/// After a commit the questions that an answer was made of are asked again; that costs a fraction of rendering it.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="clock">Our clock.</param>
internal sealed class SharedAnswers(IStoreLocation store, TimeProvider clock) : IDisposable
{
    /// <summary>What an answer takes in memory beside its body.</summary>
    private const int BytesOfAnswer = 1000;

    private readonly ServedReaders _readers = new(store, clock);
    private readonly RecentlyUsed<string, KeptAnswer> _kept = new(MostBytes);
    private readonly SharedWork<(string Key, StoreVersion Version), TaxiiAnswer> _work = new();

    /// <summary>Answers that are rendered at once: as many as there are processors. The others wait in the order in which they came.</summary>
    private readonly SemaphoreSlim _turns = new(Environment.ProcessorCount);

    /// <summary>Kept answers that are looked at again at once, beside those that are rendered: readers who follow do not wait for readers who begin.</summary>
    private readonly SemaphoreSlim _looks = new(Environment.ProcessorCount);

    /// <summary>How much is kept. A page of 1,000 objects takes about 100 KB.</summary>
    public static long MostBytes => 24 * 1024 * 1024;

    /// <summary>How much is kept at present.</summary>
    public long Bytes => _kept.Bytes;

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The answer to a request.</summary>
    /// <param name="key">Says everything that the answer depends on, but the store and the time.</param>
    /// <param name="render">Makes it; the time is epoch milliseconds. Errors are not kept.</param>
    /// <param name="cancellationToken">The reader is gone.</param>
    /// <exception cref="PhishMeException">The store cannot be read.</exception>
    public async Task<TaxiiAnswer> GetAsync(string key, Func<IServedReader, long, TaxiiAnswer> render, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(render);
        if (_readers.Version() is not StoreVersion version)
        {
            return (await RenderAsync(render, cancellationToken).ConfigureAwait(false)).Answer;
        }

        return _kept.Find(key) is KeptAnswer kept && kept.Holds(version, Now)
            ? kept.Answer
            : await _work.JoinAsync((key, version), stop => RenewAsync(key, version, render, stop), cancellationToken).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _readers.Dispose();
        _turns.Dispose();
        _looks.Dispose();
    }

    private async Task<TaxiiAnswer> RenewAsync(string key, StoreVersion version, Func<IServedReader, long, TaxiiAnswer> render, CancellationToken cancellationToken)
    {
        if (_kept.Find(key) is KeptAnswer kept && await StandsAsync(kept, cancellationToken).ConfigureAwait(false) is long at)
        {
            Keep(kept with { Version = version, At = at });
            return kept.Answer;
        }

        var (answer, notes, now) = await RenderAsync(render, cancellationToken).ConfigureAwait(false);
        if (notes.AreWhole)
        {
            Keep(new KeptAnswer(answer, notes, version, now));
        }

        return answer;

        void Keep(KeptAnswer renewed) => _kept.Keep(key, renewed, renewed.Answer.Body.Length + renewed.Notes.Bytes + (key.Length * sizeof(char)) + BytesOfAnswer);
    }

    /// <returns>When it was looked at; null when another answer has to be made.</returns>
    private async Task<long?> StandsAsync(KeptAnswer kept, CancellationToken cancellationToken)
    {
        await _looks.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var now = Now;
            return _readers.Use(reader => kept.Notes.Hold(reader, now)) ? now : null;
        }
        finally
        {
            _looks.Release();
        }
    }

    private async Task<(TaxiiAnswer Answer, ReadingNotes Notes, long At)> RenderAsync(Func<IServedReader, long, TaxiiAnswer> render, CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var now = Now;
            return _readers.Use(reader =>
            {
                var notes = new ReadingNotes();
                using var noting = new NotingReader(reader, notes);
                return (render(noting, now), notes, now);
            });
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <param name="Answer">The answer.</param>
    /// <param name="Notes">What it was made of.</param>
    /// <param name="Version">The state of the store in which the notes were right.</param>
    /// <param name="At">When they were right, epoch milliseconds.</param>
    private sealed record KeptAnswer(TaxiiAnswer Answer, ReadingNotes Notes, StoreVersion Version, long At)
    {
        // A clock that was set back may show what was gone.
        public bool Holds(StoreVersion version, long now) => Version == version && now >= At && now < Notes.ValidUntil;
    }
}
