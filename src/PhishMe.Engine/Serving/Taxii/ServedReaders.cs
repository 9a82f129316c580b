using System.Collections.Concurrent;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Serving.Taxii;

/// <summary>
/// The connections that answers are read through. Used by any number of requests at once: each takes one that is free. One more connection tells whether the
/// store has changed.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="clock">Our clock.</param>
internal sealed class ServedReaders(IStoreLocation store, TimeProvider clock) : IDisposable
{
    /// <summary>A state file may be set aside and made anew: no connection is older than this.</summary>
    private static readonly TimeSpan _longestUse = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly ConcurrentBag<(IServedReader Reader, int Opening)> _free = [];
    private IServedReader? _watcher;
    private long _since;
    private int _opening;
    private bool _isDisposed;

    /// <summary>The state of the store; null when what keeps it has no such number. Whatever is read afterwards is of this state or a later one.</summary>
    /// <exception cref="PhishMeException">The store cannot be read.</exception>
    public StoreVersion? Version()
    {
        lock (_gate)
        {
            if (_watcher is null || clock.GetElapsedTime(_since) >= _longestUse)
            {
                _watcher?.Dispose();
                _watcher = null;
                _watcher = store.OpenServed();
                _since = clock.GetTimestamp();
                _opening++;
            }

            try
            {
                return _watcher.ChangeNumber is long change ? new StoreVersion(_opening, change) : null;
            }
            catch
            {
                _watcher.Dispose();
                _watcher = null;
                throw;
            }
        }
    }

    /// <summary>Reads.</summary>
    /// <exception cref="PhishMeException">The store cannot be read.</exception>
    public T Use<T>(Func<IServedReader, T> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        var (reader, opening) = Take();
        try
        {
            var result = work(reader);
            GiveBack(reader, opening);
            return result;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _watcher?.Dispose();
            _watcher = null;
            while (_free.TryTake(out var free))
            {
                free.Reader.Dispose();
            }
        }
    }

    /// <summary>One of the present opening: an older one could read a file that is no longer the state.</summary>
    private (IServedReader Reader, int Opening) Take()
    {
        var opening = Volatile.Read(ref _opening);
        while (_free.TryTake(out var free))
        {
            if (free.Opening == opening)
            {
                return free;
            }

            free.Reader.Dispose();
        }

        return (store.OpenServed(), opening);
    }

    private void GiveBack(IServedReader reader, int opening)
    {
        lock (_gate)
        {
            if (_isDisposed || opening != _opening)
            {
                reader.Dispose();
            }
            else
            {
                _free.Add((reader, opening));
            }
        }
    }
}
