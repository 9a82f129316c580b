namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>A try failed in a way that another one may not.</summary>
internal sealed class TransientAnswerException(string message, TimeSpan? retryAfter = null, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>The pause that the product asked for; null when it named none.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>Whether the product may have done the work all the same: the connection broke, or no answer came in time.</summary>
    public bool MayHaveWorked { get; init; }
}
