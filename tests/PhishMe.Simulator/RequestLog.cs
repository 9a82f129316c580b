using System.Diagnostics;

namespace PhishMe.Simulator;

/// <summary>What the simulator was asked. Safe for many threads; requests to the steering paths are not in it.</summary>
public sealed class RequestLog(TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly List<RequestEntry> _entries = [];
    private readonly long _start = Stopwatch.GetTimestamp();
    private int _sequence;
    private int _inFlight;
    private int _peak;

    /// <summary>All requests, in order of arrival.</summary>
    public IReadOnlyList<RequestEntry> Entries
    {
        get
        {
            lock (_lock)
            {
                return [.. _entries];
            }
        }
    }

    /// <summary>Most requests that were waiting for their answer at the same moment.</summary>
    public int PeakInFlight
    {
        get
        {
            lock (_lock)
            {
                return _peak;
            }
        }
    }

    /// <summary>Number of requests, of one route or of all.</summary>
    /// <param name="route">Name of the route, or null.</param>
    public int Count(string? route = null)
    {
        lock (_lock)
        {
            return route is null ? _entries.Count : _entries.Count(entry => entry.Route == route);
        }
    }

    /// <summary>Number of requests of each route that was used.</summary>
    public IReadOnlyDictionary<string, int> CountByRoute()
    {
        lock (_lock)
        {
            return _entries.CountBy(entry => entry.Route, StringComparer.Ordinal).OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary();
        }
    }

    /// <summary>Forgets all requests and the peak.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _entries.Clear();
            _peak = _inFlight;
        }
    }

    internal RequestEntry Arrived(HttpRequest request, string route, IReadOnlyList<string> ids)
    {
        lock (_lock)
        {
            var entry = new RequestEntry(
                ++_sequence, clock.GetUtcNow(), Stopwatch.GetElapsedTime(_start), request.Method, route, request.Path.Value ?? "", request.QueryString.Value ?? "")
            {
                UserAgent = request.Headers.UserAgent.ToString(),
                AcceptEncoding = request.Headers.AcceptEncoding.ToString(),
                Protocol = request.Protocol,
                Ids = ids,
            };
            _entries.Add(entry);
            _peak = Math.Max(_peak, ++_inFlight);
            return entry;
        }
    }

    /// <summary>
    /// The work on a request is done. Called before its body is written: a quick client has its next request on the way before the last write returns,
    /// and would seem to have one more in flight than it ever had.
    /// </summary>
    internal void Done(RequestEntry entry)
    {
        lock (_lock)
        {
            if (!entry.Done)
            {
                entry.Done = true;
                _inFlight--;
            }
        }
    }
}
