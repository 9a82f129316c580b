namespace PhishMe.Simulator;

/// <summary>When and how an answer goes wrong.</summary>
public sealed record FaultRule
{
    /// <summary>Name of the route (see <see cref="RequestEntry.Route"/>), or <c>*</c> for all.</summary>
    public string Route { get; init; } = "*";

    /// <summary>What goes wrong.</summary>
    public required FaultRuleKind Kind { get; init; }

    /// <summary>How often; -1 for ever.</summary>
    public int Count { get; init; } = 1;

    /// <summary>How many matching requests pass unharmed before.</summary>
    public int Skip { get; init; }

    /// <summary>
    /// Only requests that name this threat (<c>m_1</c>; several with commas) by path or <c>threatId</c>. For <see cref="FaultRuleKind.SearchLacksIds"/> the
    /// threats that are left out, whether the search names them or not.
    /// </summary>
    public string? MatchId { get; init; }

    /// <summary>Only requests whose answer would hold a threat of <see cref="MatchId"/>: a search or a CEF window that meets a bad record.</summary>
    public bool MatchServed { get; init; }

    /// <summary><c>Retry-After</c> of 429 and 503; none when null.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Write <c>Retry-After</c> as a date instead of seconds.</summary>
    public bool RetryAfterAsDate { get; init; }

    /// <summary>How long a stall lasts, or the pause between the pieces of a slow body.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Place of the cut, or size of the huge body.</summary>
    public long? Bytes { get; init; }

    /// <summary>The password after a rotation.</summary>
    public string Password { get; init; } = "rotated-pass-00112233445566778899aabb";

    internal IReadOnlyList<string> Ids => MatchId is null ? [] : MatchId.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
