namespace PhishMe.Engine.Api;

/// <summary>Why a call of the API failed; decides whether it is tried again and whether one threat or the whole run is concerned.</summary>
internal enum ApiFailure
{
    /// <summary>400: the request is refused as malformed. Not tried again.</summary>
    Refused,

    /// <summary>401 or 403. Not tried again.</summary>
    Credentials,

    /// <summary>404. Not tried again.</summary>
    NotFound,

    /// <summary>429, still so after the last try.</summary>
    Throttled,

    /// <summary>500 and its kind: may be one bad record.</summary>
    ServerError,

    /// <summary>503 and gateway errors: the service is away.</summary>
    Unavailable,

    /// <summary>No answer: name, connection, TLS, cut body, timeout.</summary>
    Network,

    /// <summary>The certificate of the API, or of a proxy spoken to over TLS, was refused. Not tried again.</summary>
    Untrusted,

    /// <summary>The proxy wants credentials, or does not let us through. Not tried again.</summary>
    Proxy,

    /// <summary>An answer that is not what the documentation promises: HTML, <c>success: false</c>, missing fields, too large.</summary>
    Answer,
}
