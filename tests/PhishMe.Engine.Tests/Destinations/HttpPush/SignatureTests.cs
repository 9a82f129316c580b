using PhishMe.Engine.Destinations.HttpPush;

namespace PhishMe.Engine.Tests.Destinations.HttpPush;

public sealed class SignatureTests
{
    /// <summary>Made with <c>printf '%s' TEXT | openssl dgst -sha256 -hmac 'k3y/+With=Signs' -binary | base64</c>.</summary>
    [Theory]
    [InlineData("/api/v2/batch", "POST", "1767225600", "WiNU6O+QZJUw18d2OdW3tN0YRCiI0mLmNYk5iYGtWh0=")]
    [InlineData("/api/v2/batch/123/errors", "GET", "1767225601", "MsS8nOQ5fsdK/FInEyBHGC93x3fJ1ZOztMndI4Ao5xM=")]
    [InlineData("/api/v3/indicators?tql=summary%20EQ%20%22a%2Fb%22&fields=tags", "GET", "1767225602", "r4SGUMDE/6P1NuT2Ul5llvr++xuMMl7R3a3uWSL+HG0=")]
    public void The_signature_is_that_of_openssl(string pathAndQuery, string method, string timestamp, string signature) =>
        Assert.Equal(signature, SignatureAuthentication.Sign("k3y/+With=Signs", pathAndQuery, method, timestamp));
}
