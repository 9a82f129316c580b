namespace PhishMe.Engine.Configuration;

/// <summary>[pm_api]: where the threats come from.</summary>
internal sealed record ApiSettings
{
    /// <summary>API root without a trailing slash.</summary>
    public required Uri BaseUri { get; init; }

    /// <summary>Token user name.</summary>
    public required string User { get; init; }

    /// <summary>Token password. Never log it.</summary>
    public required string Password { get; init; }

    /// <summary>Whether the server's certificate is verified.</summary>
    public required bool VerifyTls { get; init; }

    /// <summary>PEM file with certificate authorities to trust besides the system's; null for none.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>Certificate shown to the API, or to the gateway before it; null for none.</summary>
    public ClientCertificateSettings? ClientCertificate { get; init; }

    /// <summary>Start of a backfill, midnight UTC.</summary>
    public required DateTimeOffset InitialDate { get; init; }

    /// <summary>Position as the file has it; null when empty.</summary>
    public string? Position { get; init; }

    /// <summary>Page size and id batch size, 1 to 100.</summary>
    public required int ResultsPerPage { get; init; }

    /// <summary>Tries in all per request, 1 to 10.</summary>
    public required int MaximumTries { get; init; }

    /// <summary>Updates first published longer ago (days) are not emitted.</summary>
    public required int ExpiredThreatDays { get; init; }

    /// <summary>Requests in flight at most.</summary>
    public required int ConcurrentRequests { get; init; }

    /// <summary>Requests begun per second at most; null for as many as the API takes.</summary>
    public int? RequestsPerSecond { get; init; }

    /// <summary>How long a run may take (minutes), a backfill excepted.</summary>
    public required int RunTimeoutMinutes { get; init; }

    /// <summary>The name-value form without the password.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{BaseUri} as {User[..Math.Min(4, User.Length)]}…";
}
