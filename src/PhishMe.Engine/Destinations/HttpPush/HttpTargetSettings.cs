using PhishMe.Engine.Configuration;

namespace PhishMe.Engine.Destinations.HttpPush;

/// <summary>How to talk to one product over HTTP. The same for every product; where a value comes from is the product's own affair.</summary>
internal sealed record HttpTargetSettings
{
    /// <summary>The address that paths are added to; a final slash does not matter.</summary>
    public required Uri Address { get; init; }

    /// <summary>The section of the configuration file, in the spelling of the file, for messages.</summary>
    public required string Section { get; init; }

    /// <summary>The key that holds <see cref="Address"/>, for messages.</summary>
    public string AddressKey { get; init; } = "host_with_protocol";

    /// <summary>The keys that hold the credentials, for messages, such as <c>user and pass</c>.</summary>
    public required string CredentialKeys { get; init; }

    /// <summary>Whether the certificate of the product is verified.</summary>
    public bool VerifyTls { get; init; } = true;

    /// <summary>PEM file with authorities to trust besides the system's; null for none.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>The certificate shown to the product; null for none.</summary>
    public ClientCertificateSettings? ClientCertificate { get; init; }

    /// <summary>[local_proxy]; null when not in use.</summary>
    public ProxySettings? Proxy { get; init; }

    /// <summary>For a connection.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For one try, answer included.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Tries of one call, the first included; 1 or more.</summary>
    public int MaximumTries { get; init; } = 5;

    /// <summary>Calls in flight at most, 1 or more. The governor finds the best number up to it.</summary>
    public int ConcurrentCalls { get; init; } = 4;

    /// <summary>Calls begun per second at most; null for no ceiling.</summary>
    public int? CallsPerSecond { get; init; }

    /// <summary>Calls begun per minute at most, for a product that names its limit so; null for no ceiling.</summary>
    public int? CallsPerMinute { get; init; }

    /// <summary>Reads the pause from the words of a refusal (429), for a product that sends no Retry-After; null for none.</summary>
    public Func<HttpAnswer, TimeSpan?>? PauseInWords { get; init; }

    /// <summary>The ceiling of calls per second that both limits make; null for none.</summary>
    public double? Ceiling => CallsPerMinute is int minute ? Math.Min(minute / 60d, CallsPerSecond ?? double.MaxValue) : CallsPerSecond;

    /// <summary>Before the second try; doubles with each further one, with jitter.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A product that asks for a longer pause is not waited for: its items stay queued for the next run.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a product that failed is left alone within a run; doubles with each further failure.</summary>
    public TimeSpan Rest { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether bodies are sent compressed with gzip.</summary>
    public bool Compress { get; init; }

    /// <summary>Megabytes (2^20 bytes) that may wait on disk for a product that is down.</summary>
    public int QueueMegabytes { get; init; } = 256;

    /// <summary>Name and port, for messages: never path or query, which may hold secrets.</summary>
    public string Host => Address.Authority;
}
