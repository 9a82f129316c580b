using System.Globalization;
using System.Runtime.CompilerServices;
using PhishMe.Engine.Api;
using PhishMe.Engine.Destinations;
using PhishMe.Intelligence;

namespace PhishMe.Engine.Running.Checking;

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
            ? Checks.Pass("API", $"{baseUri} answers.")
            : Checks.Fail("API", failure.ToFault().Fault);
        if (failure is null || refused)
        {
            yield return refused
                ? Checks.Fail("Credentials", failure!.ToFault().Fault)
                : Checks.Pass("Credentials", "The API accepts them.");
            yield return Clock(client.ClockSkew);
        }
    }

    private static CheckResult Clock(TimeSpan? skew) => skew switch
    {
        null => Checks.Warn("Clock", "The API does not report its time, so the clock cannot be compared.", "Check it against another source."),
        { } known when known.Duration() <= TolerableSkew => Checks.Pass("Clock", "The clock matches the server's."),
        { } known => Checks.Warn(
            "Clock",
            string.Create(CultureInfo.InvariantCulture, $"The clock is {known.Duration():c} {(known > TimeSpan.Zero ? "behind" : "ahead of")} the server's."),
            "Correct it."),
    };
}
