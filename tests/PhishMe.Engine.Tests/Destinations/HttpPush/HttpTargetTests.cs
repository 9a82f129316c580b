using System.Text;
using PhishMe.Engine.Destinations;
using PhishMe.Engine.Destinations.HttpPush;
using PhishMe.Engine.Storage;
using PhishMe.Intelligence;
using PhishMe.Simulator.Products;

namespace PhishMe.Engine.Tests.Destinations.HttpPush;

/// <summary>The engine with a product that only takes: what has nothing to do with any product.</summary>
public sealed class HttpTargetTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pause_that_is_too_long_is_not_waited_for()
    {
        var product = new Counter();
        await using var pushed = await PushedTo.StartAsync(product);
        await using var sender = pushed.Sender(new Plain(), new HeaderAuthentication("X-Key", "key1"));
        pushed.Server.Next(ProductAnswer.Json(429, "{}") with { Headers = [new("Retry-After", "3600")] });

        var result = await sender.SendAsync([PushedTo.Item("a")], Stop);

        Assert.Equal(Faults.DestinationUnavailable, result.Failure?.Kind);
        Assert.Equal(1, pushed.Server.Count);
        Assert.Empty(product.Bodies);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task Credentials_that_were_refused_are_not_shown_again_in_the_same_run(int status)
    {
        var product = new Counter();
        await using var pushed = await PushedTo.StartAsync(product);
        await using var sender = pushed.Sender(new Plain(), new HeaderAuthentication("X-Key", "key1"));
        pushed.Server.Next(ProductAnswer.Json(status, """{"message":"key1 is wrong"}"""));

        var first = await sender.SendAsync([PushedTo.Item("a")], Stop);
        var second = await sender.SendAsync([PushedTo.Item("a")], Stop);

        Assert.All([first, second], result => Assert.Equal(Faults.DestinationCredentialsRefused, result.Failure?.Kind));
        Assert.Equal(ExitCode.OutputFailed, first.Failure!.Kind.ExitCode);
        Assert.DoesNotContain("key1", first.Failure.Message, StringComparison.Ordinal);
        Assert.Equal(1, pushed.Server.Count);
    }

    [Fact]
    public async Task A_product_that_failed_rests_and_is_asked_again_later()
    {
        var product = new Counter();
        await using var pushed = await PushedTo.StartAsync(product);
        pushed.Settings = pushed.Settings with { MaximumTries = 1, Rest = TimeSpan.FromMinutes(1) };
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var sender = pushed.Sender(new Plain(), new HeaderAuthentication("X-Key", "key1"), clock);
        pushed.Server.Next(ProductAnswer.Json(503, "{}"));
        Assert.NotNull((await sender.SendAsync([PushedTo.Item("a")], Stop)).Failure);
        Assert.NotNull((await sender.SendAsync([PushedTo.Item("a")], Stop)).Failure);
        Assert.Equal(1, pushed.Server.Count);

        clock.Advance(TimeSpan.FromMinutes(2));

        Assert.Null((await sender.SendAsync([PushedTo.Item("a")], Stop)).Failure);
        Assert.Equal(["a"], product.Bodies);
    }

    [Fact]
    [Trait("Case", "T25")]
    public async Task A_token_that_ends_is_renewed_once_for_all_calls_and_nothing_is_there_twice()
    {
        var product = new TokenProduct();
        await using var pushed = await PushedTo.StartAsync(product);
        var authentication = new TokenAuthentication(OAuthGrant.OfClient("/token", "client", "client-secret"), TimeProvider.System);
        await using var sender = pushed.Sender(new Plain { Calls = 8 }, authentication);
        Assert.Null((await sender.SendAsync([PushedTo.Item("first")], Stop)).Failure);
        product.Expire();

        var result = await sender.SendAsync([.. Enumerable.Range(0, 8).Select(n => PushedTo.Item($"item{n}"))], Stop);

        Assert.Null(result.Failure);
        Assert.Equal(2, product.TokensGiven);
        Assert.Equal([.. Enumerable.Range(0, 8).Select(n => $"item{n}").Prepend("first").Order(StringComparer.Ordinal)], product.Bodies.Order(StringComparer.Ordinal));
    }

    [Fact]
    [Trait("Case", "T25")]
    public async Task Calls_that_are_refused_at_the_same_time_share_one_renewal()
    {
        var product = new TokenProduct();
        await using var pushed = await PushedTo.StartAsync(product);
        using var authentication = new TokenAuthentication(OAuthGrant.OfClient("/token", "client", "client-secret"), TimeProvider.System);
        using var target = pushed.Target(authentication);
        HttpRequestMessage[] refused = [.. Enumerable.Range(0, 6).Select(_ => new HttpRequestMessage(HttpMethod.Post, pushed.Server.Address))];
        foreach (var request in refused)
        {
            await authentication.SignAsync(target, request, Stop);
        }

        product.Expire();
        var renewals = await Task.WhenAll(refused.Select(request => authentication.RenewAsync(target, request, Stop).AsTask()));

        Assert.All(renewals, Assert.True);
        Assert.Equal(2, product.TokensGiven);
    }

    [Fact]
    public async Task A_token_service_that_refuses_stops_the_destination()
    {
        var product = new TokenProduct { Refuses = true };
        await using var pushed = await PushedTo.StartAsync(product);
        await using var sender = pushed.Sender(
            new Plain(), new TokenAuthentication(OAuthGrant.OfPassword("/token", "client", "user", "pass-word-1", asJson: true), TimeProvider.System));

        var failure = (await sender.SendAsync([PushedTo.Item("a")], Stop)).Failure;

        Assert.Equal(Faults.DestinationCredentialsRefused, failure?.Kind);
        Assert.DoesNotContain("pass-word-1", failure!.Message, StringComparison.Ordinal);
        Assert.Empty(product.Bodies);
    }

    [Fact]
    public async Task What_is_unchanged_is_not_sent_again_and_only_what_is_ours_is_taken_back()
    {
        var product = new Counter();
        await using var pushed = await PushedTo.StartAsync(product);
        await using var sender = pushed.Sender(new Plain(), new HeaderAuthentication("X-Key", "key1"));
        await sender.SendAsync([PushedTo.Item("one", "k1"), PushedTo.Item("two", "k2")], Stop);

        var again = await sender.SendAsync(
            [PushedTo.Item("one", "k1"), PushedTo.Item("old", "k2"), PushedTo.Item("three", "k2"), PushedTo.Item("x", "unknown", DeliveryVerb.Retract)], Stop);

        Assert.Equal(4, again.Outcomes.Count(outcome => outcome.Kind == SendOutcomeKind.Accepted));
        Assert.Equal(["one", "two", "three"], product.Bodies);
    }

    /// <summary>One call for each item.</summary>
    private sealed class Plain : IHttpProfile
    {
        /// <summary>Calls at once.</summary>
        public int Calls { get; init; } = 1;

        public QueueBatch LargestBatch => new(100);

        public bool RecognizesRepeats => true;

        public bool KeepsState => true;

        public IEnumerable<QueueItem> Compose(Engine.Destinations.Delivery delivery) => [];

        public async Task<BatchAnswer> SendAsync(HttpTarget target, IReadOnlyList<PushItem> items, CancellationToken cancellationToken)
        {
            await Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = Calls, CancellationToken = cancellationToken }, async (item, token) =>
                await target.CallForJsonAsync(HttpCall.Post("/items", item.Payload, "text/plain"), json => json.TryGetProperty("ok", out _), token));
            return BatchAnswer.Accepted(items.Count);
        }

        public IAsyncEnumerable<CheckResult> CheckAsync(HttpTarget target, CancellationToken cancellationToken) => AsyncEnumerable.Empty<CheckResult>();
    }

    private class Counter : ISimulatedProduct
    {
        public List<string> Bodies { get; } = [];

        public virtual ProductAnswer Answer(ProductRequest request)
        {
            Bodies.Add(request.Text);
            return ProductAnswer.Json(200, """{"ok":true}""");
        }
    }

    private sealed class TokenProduct : Counter
    {
        private string _valid = "none";

        public int TokensGiven { get; private set; }

        public bool Refuses { get; init; }

        public void Expire() => _valid = "none";

        public override ProductAnswer Answer(ProductRequest request)
        {
            if (request.Path == "/token")
            {
                if (Refuses)
                {
                    return ProductAnswer.Json(400, """{"error":"invalid_grant","said":"pass-word-1"}""");
                }

                _valid = FormattableString.Invariant($"token-{++TokensGiven}");
                return ProductAnswer.Json(200, $$"""{"access_token":"{{_valid}}","expires_in":3600}""");
            }

            return request.Header("Authorization") == $"Bearer {_valid}" ? base.Answer(request) : new ProductAnswer(401, "text/plain", Encoding.UTF8.GetBytes("expired"));
        }
    }
}
