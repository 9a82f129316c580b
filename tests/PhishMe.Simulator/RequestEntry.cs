namespace PhishMe.Simulator;

/// <summary>One request as it arrived, and what became of it.</summary>
public sealed class RequestEntry
{
    private int _status;

    internal RequestEntry(int sequence, DateTimeOffset at, TimeSpan elapsed, string method, string route, string path, string query)
    {
        Sequence = sequence;
        At = at;
        Elapsed = elapsed;
        Method = method;
        Route = route;
        Path = path;
        Query = query;
    }

    /// <summary>1 for the first request since the start; not reset by <see cref="RequestLog.Clear"/>.</summary>
    public int Sequence { get; }

    /// <summary>When it arrived, on the clock of <see cref="SimulatorOptions.Clock"/>.</summary>
    public DateTimeOffset At { get; }

    /// <summary>When it arrived, since the start of the simulator on a clock that never jumps.</summary>
    public TimeSpan Elapsed { get; }

    /// <summary>GET, POST …</summary>
    public string Method { get; }

    /// <summary>Name of the route: search, updates, cef-window, pdf-window, cef, stix, html, pdf, detail, indicator-search, feed, screenshot, submit, unknown.</summary>
    public string Route { get; }

    /// <summary>Path as sent.</summary>
    public string Path { get; }

    /// <summary>Query as sent, with the question mark; for a form body, the fields in the same shape.</summary>
    public string Query { get; internal set; }

    /// <summary>User-Agent header.</summary>
    public string UserAgent { get; internal init; } = "";

    /// <summary>Accept-Encoding header.</summary>
    public string AcceptEncoding { get; internal init; } = "";

    /// <summary>Protocol, such as <c>HTTP/1.1</c>.</summary>
    public string Protocol { get; internal init; } = "";

    /// <summary>Threats named by path or parameters, such as <c>m_1</c>.</summary>
    public IReadOnlyList<string> Ids { get; internal set; } = [];

    /// <summary>Name of the fault that was applied, or null.</summary>
    public string? Fault { get; internal set; }

    /// <summary>Status of the answer, set before its first byte leaves; 0 while there is none.</summary>
    public int Status
    {
        get => Volatile.Read(ref _status);
        internal set => Volatile.Write(ref _status, value);
    }

    internal bool Done { get; set; }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Sequence} {Method} {Route} {Path}{Query} -> {Status} {Fault}").TrimEnd();
}
