namespace PhishMe.Simulator;

/// <summary>What goes wrong.</summary>
public enum FaultRuleKind
{
    /// <summary>401, as with a wrong password.</summary>
    Unauthorized401,

    /// <summary>400, as for a parameter that is not known.</summary>
    Refused400,

    /// <summary>403.</summary>
    Forbidden403,

    /// <summary>404.</summary>
    NotFound404,

    /// <summary>429, with <c>Retry-After</c> when the rule has one.</summary>
    Throttled429,

    /// <summary>500.</summary>
    ServerError500,

    /// <summary>503, with <c>Retry-After</c> when the rule has one.</summary>
    Unavailable503,

    /// <summary>The body comes in small pieces, <see cref="FaultRule.Delay"/> apart.</summary>
    SlowBody,

    /// <summary>Nothing comes for <see cref="FaultRule.Delay"/>, then the right answer.</summary>
    Stall,

    /// <summary>The connection breaks after <see cref="FaultRule.Bytes"/> bytes of the body (half of it by default).</summary>
    CutBody,

    /// <summary>A portal page in HTML with status 200.</summary>
    Html200,

    /// <summary>Status 200 with <c>"success": false</c>.</summary>
    SuccessFalse,

    /// <summary>Search answers lack the threats of <see cref="FaultRule.MatchId"/>, or the first of the page.</summary>
    SearchLacksIds,

    /// <summary>Updates without <c>nextPosition</c>.</summary>
    NextPositionMissing,

    /// <summary>The package breaks off in the middle, but the answer is complete as HTTP goes.</summary>
    MalformedXml,

    /// <summary>A bare ampersand in the package, as in the vendor's published sample.</summary>
    BareAmpersand,

    /// <summary>Empty lines between the CEF lines.</summary>
    BlankCefLines,

    /// <summary>CEF lines without <c>externalId</c>: every second one.</summary>
    CefLinesWithoutId,

    /// <summary>Updates: exactly 1000 entries (repeats fill it up) that lead to the end; the next answer has none.</summary>
    Exactly1000ThenZero,

    /// <summary>The password becomes <see cref="FaultRule.Password"/> before the request is looked at.</summary>
    RotateCredentials,

    /// <summary>The threat that is asked for changes just before it is served; the changelog gets a later entry.</summary>
    ChangesBetween,

    /// <summary>The threat that is asked for is withdrawn just before it would be served.</summary>
    VanishesBetween,

    /// <summary>Bytes that are neither JSON nor text, with status 200.</summary>
    GarbageBytes,

    /// <summary>A body of <see cref="FaultRule.Bytes"/> bytes (1 GiB by default); small on the wire for a client that accepts gzip.</summary>
    HugeBody,

    /// <summary>The connection is closed without any answer.</summary>
    ConnectionReset,

    /// <summary>500, and the error text repeats the credentials it was sent, encoded and plain, as careless proxies and debug pages do.</summary>
    EchoesCredentials,
}
