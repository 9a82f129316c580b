using System.Globalization;
using System.Runtime.CompilerServices;
using PhishMe.Engine.Api;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Running;

/// <summary>Is the API there, does it take the credentials, and do the clocks agree?</summary>
internal static class ApiCheck
{
    private static readonly TimeSpan TolerableSkew = TimeSpan.FromMinutes(2);

    public static async IAsyncEnumerable<CheckResult> RunAsync(
        ThreatHqClient client, Uri baseUri, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ApiException? failure = null;
        try
        {
            await client.PingAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException exception)
        {
            failure = exception;
        }

        var refused = failure?.Failure == ApiFailure.Credentials;
        yield return failure is null || refused
            ? Result("API", CheckOutcome.Pass, $"{baseUri} answers.")
            : Result("API", CheckOutcome.Fail, failure.ToFault().Fault.ToString());
        if (failure is null || refused)
        {
            yield return refused
                ? Result("Credentials", CheckOutcome.Fail, failure!.ToFault().Fault.ToString())
                : Result("Credentials", CheckOutcome.Pass, "The API accepts them.");
            yield return Clock(client.ClockSkew);
        }
    }

    private static CheckResult Clock(TimeSpan? skew) => skew switch
    {
        null => Result("Clock", CheckOutcome.Warn, "The API does not report its time, so the clock cannot be compared."),
        { } known when known.Duration() <= TolerableSkew => Result("Clock", CheckOutcome.Pass, "The clock matches the server's."),
        { } known => Result(
            "Clock",
            CheckOutcome.Warn,
            string.Create(CultureInfo.InvariantCulture, $"The clock is {known.Duration():c} {(known > TimeSpan.Zero ? "behind" : "ahead of")} the server's. Correct it.")),
    };

    private static CheckResult Result(string subject, CheckOutcome outcome, string message) =>
        new() { Subject = subject, Outcome = outcome, Message = message };
}
