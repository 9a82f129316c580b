using PhishMe.Intelligence;

namespace PhishMe.Engine.Api;

/// <summary>A failed call, before it is known whether it ends the run or sets one threat aside.</summary>
internal sealed class ApiException(ApiFailure failure, string message, string where, Exception? innerException = null)
    : Exception(message, innerException)
{
    public ApiFailure Failure { get; } = failure;

    /// <summary>Verb and path, never the query of a long id list, never credentials.</summary>
    public string Where { get; } = where;

    /// <summary>How long the server asks to wait; null when it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What base_url should look like, when this API never answered anything else than that it does not know what was asked for; otherwise null.</summary>
    public string? AddressHint { get; init; }

    /// <summary>Another try may succeed.</summary>
    public bool IsTransient => Failure is ApiFailure.Throttled or ApiFailure.ServerError or ApiFailure.Unavailable or ApiFailure.Network or ApiFailure.Answer;

    /// <summary>The cause may lie in the one thing asked for rather than in the service.</summary>
    public bool MayConcernOneThreat => Failure is ApiFailure.Refused or ApiFailure.NotFound or ApiFailure.ServerError or ApiFailure.Answer;

    /// <summary>The cause may be one bad record among the many that were asked for together. Refusals are about the request, not about what it would serve.</summary>
    public bool MayConcernOneOfMany => Failure is ApiFailure.ServerError or ApiFailure.Answer;

    /// <summary>The same failure as the fault that ends a run.</summary>
    public PhishMeException ToFault() => new(
        Failure switch
        {
            ApiFailure.Credentials => Faults.CredentialsRefused,
            ApiFailure.Throttled => Faults.ApiThrottled,
            ApiFailure.Network => Faults.ApiUnreachable,
            ApiFailure.Untrusted => Faults.ApiCertificateRefused,
            ApiFailure.Proxy => Faults.ProxyRefused,
            ApiFailure.Answer => Faults.ApiAnswerInvalid,
            ApiFailure.NotFound or ApiFailure.Refused when AddressHint is not null => Faults.ApiAnswerInvalid,
            ApiFailure.NotFound or ApiFailure.Refused or ApiFailure.ServerError or ApiFailure.Unavailable => Faults.ApiFailing,
        },
        AddressHint is null ? Message : $"{Message} {AddressHint}",
        Where,
        this);
}
